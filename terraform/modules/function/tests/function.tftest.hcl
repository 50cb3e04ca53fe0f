mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/dofs-test-validator" }
  }

  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:function:dofs-test-validator", version = "7" }
  }

  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:function:dofs-test-validator:live" }
  }
}

variables {
  name_prefix = "dofs-test"
  name        = "validator"
  description = "Checks orders."

  runtime            = "python3.13"
  architecture       = "arm64"
  handler            = "handler.handler"
  timeout_seconds    = 10
  memory_mb          = 256
  log_retention_days = 30

  policy_json = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
  alias       = "live"
  package     = { bucket = "packages", key = "validator.zip", version = "v1", hash = "aGFzaA==" }
  layer_arn   = "arn:aws:lambda:us-east-1:123456789012:layer:dofs-test-shared:1"
}

run "invoked" {
  assert {
    condition     = aws_lambda_function.this.function_name == "dofs-test-validator" && aws_cloudwatch_log_group.this.name == "/aws/lambda/dofs-test-validator"
    error_message = "Function and log group are named alike."
  }

  assert {
    condition     = aws_iam_role_policy.this.policy == var.policy_json
    error_message = "The role has the generated policy and no other."
  }

  assert {
    condition     = length(aws_lambda_event_source_mapping.queue) == 0
    error_message = "A function without a queue consumes none."
  }
}

run "consumer" {
  variables {
    consumes = {
      order-queue = {
        queue_arn                          = "arn:aws:sqs:us-east-1:123456789012:dofs-test-order-queue"
        batch_size                         = 1
        maximum_batching_window_in_seconds = 0
        report_batch_item_failures         = true
        filters                            = ["{\"body\": {\"kind\": [\"order\"]}}"]
      }
    }
  }

  assert {
    condition     = aws_lambda_event_source_mapping.queue["order-queue"].function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "Only failed messages go back to the queue."
  }

  assert {
    condition     = [for each in one(aws_lambda_event_source_mapping.queue["order-queue"].filter_criteria).filter : each.pattern] == ["{\"body\": {\"kind\": [\"order\"]}}"]
    error_message = "The function gets the messages of the filters."
  }
}

run "held" {
  variables {
    pinned_version = "3"
  }

  assert {
    condition     = aws_lambda_alias.this.function_version == "3"
    error_message = "A rollback points the alias to an earlier version."
  }
}

run "bad_policy" {
  command = plan

  variables {
    policy_json = "{}"
  }

  expect_failures = [var.policy_json]
}
