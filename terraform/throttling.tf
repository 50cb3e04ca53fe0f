# How much the API takes: this environment's share of the StartExecution calls that Step Functions allows an account in a region.
# More than that would be accepted by API Gateway, and refused by Step Functions.

locals {
  # What an account has unless AWS raised it: the size of the bucket, and how many are added per second.
  # https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-api-action-throttling-general
  start_execution_quota = coalesce(
    var.start_execution_quota,
    contains(["us-east-1", "us-west-2", "eu-west-1"], var.region) ? { requests_per_second = 300, burst = 1300 } : { requests_per_second = 150, burst = 800 },
  )

  # The environments are in one account, and share its quota.
  quota_sixths = { dev = 1, staging = 1, prod = 4 }

  api_throttling = coalesce(var.api_throttling, {
    for name, value in local.start_execution_quota : name => floor(value * local.quota_sixths[var.environment] / 6)
  })
}
