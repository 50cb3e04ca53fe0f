#!/usr/bin/env bash
# Build the packages, plan, and save the plan. The text of the plan ends the log: it is what an approval reads.
# RELEASE says what goes live: "new" for these sources, "previous" or an id for an earlier release, "forward" to end such a rollback.
set -euo pipefail
# shellcheck source=terraform/buildspecs/init.sh
source "$(dirname "$0")/init.sh"

export RELEASE="${RELEASE:-new}"
arguments=()
if [ "$RELEASE" != new ] && [ "$RELEASE" != forward ]; then
  # shellcheck source=terraform/scripts/releases.sh
  source scripts/releases.sh
  held=$(releases "$TF_WORKSPACE" | python3 scripts/release.py "$RELEASE")
  arguments=(-var "release=$held")
fi

(cd .. && python3 -m functions.package)
terraform plan -input=false -var-file="$TF_VAR_FILE" "${arguments[@]}" -out=deployment.tfplan
terraform show -json deployment.tfplan | python3 scripts/guard.py
