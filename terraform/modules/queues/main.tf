# Queues, and where the messages go that were received too often.

locals {
  # The sources of each dead-letter queue.
  sources = {
    for name in distinct([for queue in values(var.queues) : queue.dead_letter if queue.dead_letter != null]) :
    name => [for source, queue in var.queues : source if queue.dead_letter == name]
  }
}

resource "aws_sqs_queue" "this" {
  for_each = var.queues

  name                       = "${var.name_prefix}-${each.key}${each.value.fifo ? ".fifo" : ""}"
  fifo_queue                 = each.value.fifo
  visibility_timeout_seconds = each.value.visibility_timeout_seconds
  message_retention_seconds  = each.value.retention_seconds
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = each.value.key == null ? true : null
  kms_master_key_id          = each.value.key
}

resource "aws_sqs_queue_redrive_policy" "this" {
  for_each = { for name, queue in var.queues : name => queue if queue.dead_letter != null }

  queue_url = aws_sqs_queue.this[each.key].id

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.this[each.value.dead_letter].arn
    maxReceiveCount     = each.value.max_receive_count
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "this" {
  for_each = local.sources

  queue_url = aws_sqs_queue.this[each.key].id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [for source in each.value : aws_sqs_queue.this[source].arn]
  })
}

data "aws_iam_policy_document" "tls_only" {
  for_each = var.queues

  statement {
    sid       = "RefusePlainHttp"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.this[each.key].arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "this" {
  for_each = var.queues

  queue_url = aws_sqs_queue.this[each.key].id
  policy    = data.aws_iam_policy_document.tls_only[each.key].json
}
