#!/usr/bin/env bash
# Apply the saved plan and nothing else. Terraform refuses it if the state has changed since.
set -euo pipefail
# shellcheck source=terraform/buildspecs/init.sh
source "$(dirname "$0")/init.sh"

terraform apply -input=false deployment.tfplan
