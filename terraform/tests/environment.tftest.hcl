# TF_WORKSPACE=dev terraform test, after make package.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_region" {
    defaults = { region = "us-east-1" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/test" }
  }

  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:function:test", invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/test" }
  }

  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:function:test:live", invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/test" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:123456789012:test", url = "https://sqs.us-east-1.amazonaws.com/123456789012/test" }
  }

  mock_resource "aws_sfn_state_machine" {
    defaults = { arn = "arn:aws:states:us-east-1:123456789012:stateMachine:test" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:test" }
  }

  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:us-east-1:123456789012:table/test" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::test" }
  }
}

variables {
  environment = "dev"
}

run "outputs" {
  assert {
    condition     = output.state_machine_arn == "arn:aws:states:us-east-1:123456789012:stateMachine:test"
    error_message = "The workflow is among the outputs."
  }

  assert {
    condition     = toset(keys(output.function_arns)) == toset(["api-handler", "validator", "order-storage", "fulfill-order", "dlq-handler"])
    error_message = "All five functions are."
  }

  assert {
    condition     = strcontains(output.state_machine_console_url, "/states/home") && strcontains(output.dashboard_url, "dofs-dev")
    error_message = "People find the console."
  }
}

run "other_workspace" {
  command = plan

  variables {
    environment = "prod"
  }

  expect_failures = [var.environment]
}
