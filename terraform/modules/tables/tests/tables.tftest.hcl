mock_provider "aws" {}

variables {
  name_prefix = "dofs-test"
  tables = {
    orders      = { key = { name = "order_id", type = "S" } }
    events      = { key = { name = "order_id", type = "S" }, sort_key = { name = "at", type = "N" } }
    idempotency = { key = { name = "id", type = "S" }, ttl_attribute = "expiration" }
  }
}

run "defaults" {
  command = plan

  assert {
    condition     = toset([for table in aws_dynamodb_table.this : table.name]) == toset(["dofs-test-orders", "dofs-test-events", "dofs-test-idempotency"])
    error_message = "Names are the prefix and the short name."
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : table.server_side_encryption[0].enabled])
    error_message = "Every table is encrypted."
  }

  assert {
    condition     = aws_dynamodb_table.this["orders"].point_in_time_recovery[0].enabled && !aws_dynamodb_table.this["idempotency"].point_in_time_recovery[0].enabled
    error_message = "Orders can be restored, records that expire cannot."
  }

  assert {
    condition     = aws_dynamodb_table.this["events"].range_key == "at" && { for each in aws_dynamodb_table.this["events"].attribute : each.name => each.type } == { order_id = "S", at = "N" }
    error_message = "A table may have a sort key."
  }

  assert {
    condition     = one(aws_dynamodb_table.this["idempotency"].ttl).attribute_name == "expiration" && length(aws_dynamodb_table.this["orders"].ttl) == 0
    error_message = "Idempotency records expire, orders do not."
  }
}

run "too_long_a_period" {
  command = plan

  variables {
    recovery_period_in_days = 36
  }

  expect_failures = [var.recovery_period_in_days]
}
