# One dashboard and the alarms that say: an order is stuck, lost its way, or failed by our fault. Alarms on executions that time out, are
# aborted or throttled come with the workflow's module.

locals {
  alarms = merge(
    {
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

  # The metrics of our own have the environment as their only dimension.
  own = { for metric in ["OrderSuccessRate", "OrderProcessingLatency", "OrdersRejected", "BusinessRuleViolations"] : metric => [var.project, metric, "environment", var.environment] }

  # Alarms on what no metric says alone.
  expressions = {
    # Messages are in flight while the function fails, so the visible ones alone would hide it. In a healthy system one is there for seconds.
    dead-letters = {
      expression = "FILL(visible, 0) + FILL(in_flight, 0)", comparison = "GreaterThanThreshold", threshold = 0, period = 60, periods = 5
      why        = "Messages stay in the dead-letter queue: the function that records failed orders does not keep up."
      metrics = {
        visible   = { namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", stat = "Maximum", dimensions = { QueueName = var.order_dlq_name } }
        in_flight = { namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesNotVisible", stat = "Maximum", dimensions = { QueueName = var.order_dlq_name } }
      }
    }
    # SQS does not count a message as sent that it moves to a dead-letter queue, and counts it as received each time it comes again:
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    # It is deleted there once, when it is recorded. From the queue of orders, an order is deleted when it is fulfilled.
    dead-letter-arrivals = {
      expression = "IF(given_up > ${var.dead_letters.orders}, 100 * given_up / (given_up + FILL(fulfilled, 0)), 0)", comparison = "GreaterThanThreshold", threshold = var.dead_letters.percent, period = 300, periods = 1
      why        = "Many orders were given up."
      metrics = {
        given_up  = { namespace = "AWS/SQS", metric = "NumberOfMessagesDeleted", stat = "Sum", dimensions = { QueueName = var.order_dlq_name } }
        fulfilled = { namespace = "AWS/SQS", metric = "NumberOfMessagesDeleted", stat = "Sum", dimensions = { QueueName = var.order_queue_name } }
      }
    }
    # An order that breaks a rule fails its execution. That is the customer's business, and no fault of the system.
    failed-orders = {
      expression = "failed - FILL(rejected, 0)", comparison = "GreaterThanThreshold", threshold = var.failed_executions, period = 300, periods = 1
      why        = "Workflows of orders fail that no business rule has refused."
      metrics = {
        failed   = { namespace = "AWS/States", metric = "ExecutionsFailed", stat = "Sum", dimensions = { StateMachineArn = var.state_machine_arn } }
        rejected = { namespace = var.project, metric = "OrdersRejected", stat = "Sum", dimensions = { environment = var.environment } }
      }
    }
    success-rate = {
      expression = "IF(orders >= ${var.success_rate.orders}, rate, 100)", comparison = "LessThanThreshold", threshold = var.success_rate.percent, period = 300, periods = 1
      why        = "Too many orders fail in fulfilment."
      metrics = {
        rate   = { namespace = var.project, metric = "OrderSuccessRate", stat = "Average", dimensions = { environment = var.environment } }
        orders = { namespace = var.project, metric = "OrderSuccessRate", stat = "SampleCount", dimensions = { environment = var.environment } }
      }
    }
  }

  widgets = [
    { title = "API", stat = "Sum", metrics = [for metric in ["Count", "4XXError", "5XXError"] : ["AWS/ApiGateway", metric, "ApiName", var.api_name, "Stage", var.api_stage_name]] },
    { title = "API latency (p95)", stat = "p95", metrics = [["AWS/ApiGateway", "Latency", "ApiName", var.api_name, "Stage", var.api_stage_name]] },
    { title = "Executions", stat = "Sum", metrics = [for metric in ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"] : ["AWS/States", metric, "StateMachineArn", var.state_machine_arn]] },
    { title = "Order success rate (%)", stat = "Average", metrics = [local.own["OrderSuccessRate"]] },
    { title = "Time from request to fulfilment (p95, ms)", stat = "p95", metrics = [local.own["OrderProcessingLatency"]] },
    { title = "Business rule violations", stat = "Sum", metrics = [local.own["BusinessRuleViolations"], local.own["OrdersRejected"]] },
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

resource "aws_cloudwatch_metric_alarm" "expression" {
  for_each = local.expressions

  alarm_name          = "${var.name_prefix}-${each.key}"
  alarm_description   = each.value.why
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions

  metric_query {
    id          = "result"
    expression  = each.value.expression
    label       = each.key
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.metrics

    content {
      id = metric_query.key

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.metric
        dimensions  = metric_query.value.dimensions
        stat        = metric_query.value.stat
        period      = each.value.period
      }
    }
  }
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
