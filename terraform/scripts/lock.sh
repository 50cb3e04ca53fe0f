#!/usr/bin/env bash
# Write .terraform.lock.hcl of each root, with the provider's hashes for every platform that someone may run Terraform on.
# The hashes come from the registry, so this needs a network. Read the difference and commit both files.
set -euo pipefail
cd "$(dirname "$0")/.."

for root in . global; do
  terraform -chdir="$root" providers lock \
    -platform=linux_amd64 -platform=linux_arm64 -platform=darwin_arm64 -platform=darwin_amd64
  echo "terraform/$root/.terraform.lock.hcl: written"
done
