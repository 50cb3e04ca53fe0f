# Sourced by plan.sh and apply.sh: initialise Terraform in the workspace of this build's environment.
cd "$(dirname "${BASH_SOURCE[0]}")/.."

: "${TF_WORKSPACE:?}" "${TF_VAR_FILE:?}" "${STATE_BUCKET:?}" "${STATE_KEY:?}" "${STATE_REGION:?}"

# TF_WORKSPACE would make init fail where the workspace does not exist yet, and override the command that creates it.
env -u TF_WORKSPACE terraform init -input=false \
  -backend-config="bucket=${STATE_BUCKET}" -backend-config="key=${STATE_KEY}" -backend-config="region=${STATE_REGION}"
env -u TF_WORKSPACE terraform workspace select -or-create "$TF_WORKSPACE"
