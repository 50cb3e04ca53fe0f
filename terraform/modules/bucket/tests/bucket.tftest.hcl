mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::dofs-test" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name = "dofs-test"
}

run "named" {
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
    name_prefix = "dofs-"
  }

  expect_failures = [var.name]
}

run "expiring" {
  command = plan

  variables {
    expire_after_days = 30
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.expiration[0].days if length(rule.expiration) > 0] == [30]
    error_message = "Objects expire where they are said to."
  }
}
