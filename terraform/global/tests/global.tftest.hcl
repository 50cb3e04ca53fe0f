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
    condition     = length(aws_api_gateway_account.this) == 0
    error_message = "The account's setting is left alone."
  }

  assert {
    condition     = tolist(output.pipeline_names) == tolist(["dofs-nonprod-pipeline", "dofs-prod-pipeline"])
    error_message = "There are two pipelines."
  }
}

run "account_setting" {
  command = plan

  variables {
    manage_api_gateway_account = true
  }

  assert {
    condition     = aws_iam_role.api_gateway[0].name == "dofs-global-api-gateway-logs" && length(aws_api_gateway_account.this) == 1
    error_message = "API Gateway has a role to log with."
  }

  expect_failures = [check.api_gateway_account]
}
