# Sourced by plan.sh and apply.sh: initialise Terraform in the workspace of this build's environment.
cd "$(dirname "${BASH_SOURCE[0]}")/.."

: "${TF_WORKSPACE:?}" "${TF_VAR_FILE:?}" "${STATE_BUCKET:?}" "${STATE_KEY:?}" "${STATE_REGION:?}"

# The lock file has the hashes of the providers that a team has chosen (make providers). A build takes those or none.
lock=()
if [ -f .terraform.lock.hcl ]; then
  lock=(-lockfile=readonly)
else
  echo "There is no .terraform.lock.hcl: the provider is whatever the registry has now. Commit one (terraform/README.md, Provider)." >&2
fi

# TF_WORKSPACE would make init fail where the workspace does not exist yet, and override the command that creates it.
env -u TF_WORKSPACE terraform init -input=false "${lock[@]}" \
  -backend-config="bucket=${STATE_BUCKET}" -backend-config="key=${STATE_KEY}" -backend-config="region=${STATE_REGION}"
env -u TF_WORKSPACE terraform workspace select -or-create "$TF_WORKSPACE"
