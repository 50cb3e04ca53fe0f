mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name_prefix = "dofs-test"
}

run "defaults" {
  assert {
    condition     = aws_sqs_queue.orders.visibility_timeout_seconds == 30 && aws_sqs_queue.orders.message_retention_seconds == 1209600
    error_message = "Visibility 30 s, retention 14 days."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.orders.redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.dead_letters.arn, maxReceiveCount = 3 }
    error_message = "After three attempts a message goes to the dead-letter queue."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.dead_letters.redrive_allow_policy).sourceQueueArns == [aws_sqs_queue.orders.arn]
    error_message = "Only the order queue may use the dead-letter queue."
  }
}

run "no_attempts" {
  command = plan

  variables {
    max_receive_count = 0
  }

  expect_failures = [var.max_receive_count]
}
