mock_provider "aws" {}

variables {
  project           = "dofs"
  environment       = "test"
  name_prefix       = "dofs-test"
  state_machine_arn = "arn:aws:states:us-east-1:123456789012:stateMachine:dofs-test-order-processing"
  api_name          = "dofs-test-api"
  api_stage_name    = "v1"
  function_names    = { validator = "dofs-test-validator" }
  table_names       = { orders = "dofs-test-orders" }
  order_queue_name  = "dofs-test-order-queue"
  order_dlq_name    = "dofs-test-order-dlq"
  alarm_actions     = ["arn:aws:sns:us-east-1:123456789012:alarms"]
}

run "alarms" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.expression["dead-letters"].evaluation_periods == 5 && aws_cloudwatch_metric_alarm.expression["dead-letters"].threshold == 0
    error_message = "A dead letter that stays for five minutes is an alarm."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset(var.alarm_actions)])
    error_message = "Every alarm tells someone."
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 12
    error_message = "The dashboard has a widget for each part."
  }
}
