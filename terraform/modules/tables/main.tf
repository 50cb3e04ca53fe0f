# The orders, those that failed, and the idempotency records of the functions.

locals {
  tables = {
    orders        = { key = "order_id", ttl = null, backups = true }
    failed-orders = { key = "order_id", ttl = null, backups = true }
    idempotency   = { key = "id", ttl = "expiration", backups = false }
  }
}

resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name                        = "${var.name_prefix}-${each.key}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = each.value.key
  deletion_protection_enabled = var.deletion_protection && each.value.backups

  attribute {
    name = each.value.key
    type = "S"
  }

  # The AWS managed key; without this block DynamoDB encrypts with a key of its own that no trail shows.
  server_side_encryption {
    enabled = true
  }

  point_in_time_recovery {
    enabled                 = var.point_in_time_recovery && each.value.backups
    recovery_period_in_days = var.point_in_time_recovery && each.value.backups ? var.recovery_period_in_days : null
  }

  dynamic "ttl" {
    for_each = each.value.ttl[*]

    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }
}
