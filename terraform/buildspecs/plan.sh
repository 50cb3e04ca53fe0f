#!/usr/bin/env bash
# Build the packages, plan, and save the plan. The text of the plan ends the log: it is what an approval reads.
set -euo pipefail
# shellcheck source=terraform/buildspecs/init.sh
source "$(dirname "$0")/init.sh"

(cd .. && python3 -m functions.package)
terraform plan -input=false -var-file="$TF_VAR_FILE" -out=deployment.tfplan
terraform show -json deployment.tfplan | python3 scripts/guard.py
