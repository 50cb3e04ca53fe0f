# One dashboard and the alarms that say: an order is stuck or lost its way. Those of executions come with the workflow's module.

locals {
  alarms = merge(
    {
      dead-letters = {
        namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", threshold = 0
        dimensions = { QueueName = var.order_dlq_name }, why = "Messages wait in the dead-letter queue: the function that records failed orders does not keep up."
      }
      old-orders = {
        namespace  = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum", threshold = var.oldest_message_seconds
        dimensions = { QueueName = var.order_queue_name }, why = "Orders wait too long to be fulfilled."
      }
      api-errors = {
        namespace  = "AWS/ApiGateway", metric = "5XXError", statistic = "Sum", threshold = 0
        dimensions = { ApiName = var.api_name, Stage = var.api_stage_name }, why = "The API answers with server errors."
      }
    },
    {
      for short, name in var.function_names : "${short}-errors" => {
        namespace  = "AWS/Lambda", metric = "Errors", statistic = "Sum", threshold = 0
        dimensions = { FunctionName = name }, why = "The function ${name} fails."
      }
    },
  )

  widgets = [
    { title = "API", stat = "Sum", metrics = [for metric in ["Count", "4XXError", "5XXError"] : ["AWS/ApiGateway", metric, "ApiName", var.api_name, "Stage", var.api_stage_name]] },
    { title = "API latency (p95)", stat = "p95", metrics = [["AWS/ApiGateway", "Latency", "ApiName", var.api_name, "Stage", var.api_stage_name]] },
    { title = "Executions", stat = "Sum", metrics = [for metric in ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"] : ["AWS/States", metric, "StateMachineArn", var.state_machine_arn]] },
    { title = "Order success rate (%)", stat = "Average", metrics = [for function in ["fulfill-order", "dlq-handler"] : [var.project, "OrderSuccessRate", "service", function, "environment", var.environment]] },
    { title = "Time from request to fulfilment (p95, ms)", stat = "p95", metrics = [[var.project, "OrderProcessingLatency", "service", "fulfill-order", "environment", var.environment]] },
    { title = "Business rule violations", stat = "Sum", metrics = [[var.project, "BusinessRuleViolations", "service", "validator", "environment", var.environment]] },
    { title = "Queues", stat = "Maximum", metrics = [for queue in [var.order_queue_name, var.order_dlq_name] : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue]] },
    { title = "Messages", stat = "Sum", metrics = [for metric in ["NumberOfMessagesSent", "NumberOfMessagesReceived"] : ["AWS/SQS", metric, "QueueName", var.order_queue_name]] },
    { title = "Function errors", stat = "Sum", metrics = [for name in values(var.function_names) : ["AWS/Lambda", "Errors", "FunctionName", name]] },
    { title = "Function throttles", stat = "Sum", metrics = [for name in values(var.function_names) : ["AWS/Lambda", "Throttles", "FunctionName", name]] },
    { title = "Function duration (p95, ms)", stat = "p95", metrics = [for name in values(var.function_names) : ["AWS/Lambda", "Duration", "FunctionName", name]] },
    { title = "Table capacity", stat = "Sum", metrics = [for pair in setproduct(values(var.table_names), ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"]) : ["AWS/DynamoDB", pair[1], "TableName", pair[0]]] },
  ]
}

data "aws_region" "current" {}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name_prefix}-${each.key}"
  alarm_description   = each.value.why
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name_prefix

  dashboard_body = jsonencode({
    widgets = [
      for index, widget in local.widgets : {
        type   = "metric"
        x      = index % 3 * 8
        y      = floor(index / 3) * 6
        width  = 8
        height = 6
        properties = {
          title   = widget.title
          region  = data.aws_region.current.region
          stat    = widget.stat
          period  = 300
          view    = "timeSeries"
          metrics = widget.metrics
        }
      }
    ]
  })
}
