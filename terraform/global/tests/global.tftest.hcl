mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  repository = "example/dofs"
}

run "once_per_account" {
  command = plan

  assert {
    condition     = aws_iam_role.api_gateway.name == "dofs-global-api-gateway-logs"
    error_message = "API Gateway has a role to log with."
  }

  assert {
    condition     = tolist(output.pipeline_names) == tolist(["dofs-nonprod-pipeline", "dofs-prod-pipeline"])
    error_message = "There are two pipelines."
  }
}
