mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  project      = "dofs"
  repository   = "example/dofs"
  state_bucket = { name = "state", arn = "arn:aws:s3:::state" }
}

run "pipelines" {
  command = plan

  assert {
    condition     = [for stage in aws_codepipeline.this["prod"].stage : stage.name] == ["Source", "Approval", "Prod"]
    error_message = "Nothing reaches production without an approval."
  }

  assert {
    condition     = [for stage in aws_codepipeline.this["nonprod"].stage : stage.name] == ["Source", "Dev", "Staging"]
    error_message = "Staging comes after dev."
  }
}

run "no_owner" {
  command = plan

  variables {
    repository = "dofs"
  }

  expect_failures = [var.repository]
}
