# Tables. Records that expire, such as those of idempotency, need no backups.

locals {
  tables = { for name, table in var.tables : name => merge(table, { backups = table.ttl_attribute == null }) }
}

resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name                        = "${var.name_prefix}-${each.key}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = each.value.key.name
  range_key                   = try(each.value.sort_key.name, null)
  deletion_protection_enabled = var.deletion_protection && each.value.backups

  dynamic "attribute" {
    for_each = concat([each.value.key], each.value.sort_key[*])

    content {
      name = attribute.value.name
      type = attribute.value.type
    }
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
    for_each = each.value.ttl_attribute[*]

    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }
}
