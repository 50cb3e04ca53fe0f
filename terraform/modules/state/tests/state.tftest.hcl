mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  project = "dofs"
}

run "native_locks" {
  command = plan

  assert {
    condition     = length(aws_dynamodb_table.locks) == 0
    error_message = "Terraform 1.11 locks in the bucket."
  }
}

run "lock_table" {
  command = plan

  variables {
    create_lock_table = true
  }

  assert {
    condition     = aws_dynamodb_table.locks[0].name == "dofs-global-terraform-locks" && aws_dynamodb_table.locks[0].hash_key == "LockID"
    error_message = "The table is the one that older clients look for."
  }
}
