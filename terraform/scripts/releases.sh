# Sourced by plan.sh and rollback.sh: the versions of an environment's record of releases, as the AWS CLI prints them.
releases() {
  aws s3api list-object-versions --bucket "${TF_VAR_project:-dofs}-$1-lambda-deployments" --prefix release.json --output json
}
