#!/usr/bin/env bash
# List the releases of an environment, take it back to one, or forward again: rollback.sh dev|staging|prod [list|previous|ID|forward].
# What it runs is what the pipeline runs: a plan that may change aliases and nothing else, which is then applied.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=terraform/scripts/releases.sh
source scripts/releases.sh

environment="${1:?which environment?}"
[ -f "environments/$environment.tfvars" ] || { echo "error: there is no environment $environment" >&2; exit 2; }

if [ "${2:-}" = list ]; then
  releases "$environment" | python3 scripts/release.py
  exit
fi

[ -f backend.s3.tfbackend ] || { echo "error: there is no terraform/backend.s3.tfbackend: make backend writes it" >&2; exit 2; }
setting() { sed -n "s/^$1 *= *\"\(.*\)\"$/\1/p" backend.s3.tfbackend; }

STATE_BUCKET=$(setting bucket) STATE_KEY=$(setting key) STATE_REGION=$(setting region)
PROTECTED=false
if [ "$environment" = prod ]; then PROTECTED=true; fi
export STATE_BUCKET STATE_KEY STATE_REGION PROTECTED
export TF_WORKSPACE="$environment" TF_VAR_FILE="environments/$environment.tfvars" RELEASE="${2:-previous}"

bash buildspecs/plan.sh
bash buildspecs/apply.sh
