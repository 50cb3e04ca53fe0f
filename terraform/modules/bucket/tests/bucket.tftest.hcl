mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::dofs-test" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

run "named" {
  variables {
    name = "dofs-test"
  }

  assert {
    condition     = aws_s3_bucket.this.bucket == "dofs-test" && !aws_s3_bucket.this.force_destroy
    error_message = "A bucket has its name and keeps its objects."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.block_public_policy && aws_s3_bucket_public_access_block.this.ignore_public_acls && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    error_message = "Nothing in it is public."
  }
}

run "named_twice" {
  command = plan

  variables {
    name        = "dofs-test"
    name_prefix = "dofs-"
  }

  expect_failures = [var.name]
}
