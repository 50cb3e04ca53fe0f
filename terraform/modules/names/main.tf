# The one place that knows which names are made from the project's name, and how long AWS lets each of them be.
# It makes nothing. Terraform reaches the limit of AWS only when it applies, so the length is checked here, when it plans.

locals {
  environments = ["dev", "staging", "prod"]
  longest      = reverse(sort([for environment in local.environments : format("%03d", length(environment))]))[0]

  # name = what follows the project's name, with the longest environment as {env}; limit = the characters that AWS allows for all of it
  names = [
    { what = "the state bucket's prefix", name = "-global-terraform-state-", limit = 37 }, # 63 less the 26 that Terraform adds
    { what = "the artifact bucket", name = "-cicd-artifacts", limit = 63 },
    { what = "the package bucket", name = "-{env}-lambda-deployments", limit = 63 },
    { what = "the start of the pipelines' names", name = "-n", limit = 20 }, # CodePipeline's folder for artifacts is the first 20 characters
    { what = "a role of the pipelines", name = "-nonprod-{env}-build", limit = 64 },
    { what = "the role of API Gateway", name = "-global-api-gateway-logs", limit = 64 },
    { what = "a function and its role", name = "-{env}-order-storage", limit = 64 },
    { what = "the state machine", name = "-{env}-order-processing", limit = 80 },
    { what = "the execution role of the state machine", name = "-{env}-order-processing", limit = 64 },
    { what = "a queue", name = "-{env}-order-queue", limit = 80 },
    { what = "a table", name = "-{env}-failed-orders", limit = 255 },
    { what = "the dashboard", name = "-{env}", limit = 255 },
    { what = "the connection", name = "-source", limit = 32 },
  ]

  room = {
    for each in local.names : each.what => each.limit - length(replace(each.name, "{env}", "")) - (strcontains(each.name, "{env}") ? tonumber(local.longest) : 0)
  }
  max_length = min(values(local.room)...)
  tightest   = [for what, room in local.room : what if room == local.max_length][0]
}
