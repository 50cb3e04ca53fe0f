# Where Terraform keeps its state, once per account. Locks are objects beside the state (use_lockfile, Terraform 1.11);
# the seed's lock table, which that replaces and which Terraform deprecates, is made on request for older clients.

module "bucket" {
  source = "../bucket"

  name_prefix            = "${var.project}-global-terraform-state-"
  keep_old_versions_days = 365
}

resource "aws_dynamodb_table" "locks" {
  count = var.create_lock_table ? 1 : 0

  name                        = "${var.project}-global-terraform-locks"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "LockID"
  deletion_protection_enabled = true

  attribute {
    name = "LockID"
    type = "S"
  }

  server_side_encryption {
    enabled = true
  }

  point_in_time_recovery {
    enabled = true
  }
}
