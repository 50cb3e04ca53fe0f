# The most that a role of an environment can ever be allowed, whatever policies it is given: the data of its own environment.
# A build can make roles only with this boundary on them, so it cannot make one that is stronger than this.
# A workflow that calls another service needs a statement here; AccessDenied "because no permissions boundary allows" says so.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html

resource "aws_iam_policy" "boundary" {
  for_each = local.environments

  name        = "${var.project}-${each.key}-boundary"
  path        = local.path
  description = "The most that any role of ${each.key} can be allowed."
  policy      = data.aws_iam_policy_document.boundary[each.key].json
}

data "aws_iam_policy_document" "boundary" {
  for_each = local.environments

  statement {
    sid = "Tables"
    actions = [
      "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable",
      "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem",
    ]
    resources = ["${local.arn.dynamodb}:table/${var.project}-${each.key}-*"]
  }

  statement {
    sid = "Queues"
    actions = [
      "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:SendMessage",
    ]
    resources = ["${local.arn.sqs}:${var.project}-${each.key}-*"]
  }

  statement {
    sid       = "Functions"
    actions   = ["lambda:InvokeFunction"]
    resources = ["${local.arn.lambda}:function:${var.project}-${each.key}-*"]
  }

  statement {
    sid       = "Workflows"
    actions   = ["states:DescribeStateMachine", "states:ListExecutions", "states:StartExecution", "states:StartSyncExecution"]
    resources = ["${local.arn.states}:stateMachine:${var.project}-${each.key}-*"]
  }

  statement {
    sid       = "Executions"
    actions   = ["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"]
    resources = ["${local.arn.states}:execution:${var.project}-${each.key}-*"]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.arn.logs}:log-group:/aws/lambda/${var.project}-${each.key}-*"]
  }

  # Traces, and what Step Functions asks for to deliver logs. None of these takes a resource.
  # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
  statement {
    sid = "NoResource"
    actions = [
      "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:GetLogDelivery",
      "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
      "xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
    ]
    resources = ["*"]
  }
}
