mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  project    = "dofs"
  repository = "example/dofs"
  state      = { bucket = "state", bucket_arn = "arn:aws:s3:::state", region = "us-east-1" }
}

run "pipelines" {
  command = plan

  assert {
    condition     = [for stage in aws_codepipeline.this["prod"].stage : stage.name] == ["Source", "Check", "Prod"]
    error_message = "Tests come before production."
  }

  assert {
    condition     = [for action in aws_codepipeline.this["prod"].stage[2].action : action.name] == ["Plan", "Approve", "Apply"]
    error_message = "Nothing reaches production without an approval of its plan."
  }

  assert {
    condition     = [for stage in aws_codepipeline.this["nonprod"].stage : stage.name] == ["Source", "Check", "Dev", "Staging"]
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
