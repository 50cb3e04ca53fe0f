mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name_prefix = "dofs-test"
  queues = {
    jobs = { visibility_timeout_seconds = 31, retention_seconds = 61, dead_letter = "dead", max_receive_count = 4, fifo = false }
    dead = { visibility_timeout_seconds = 62, retention_seconds = 1209600, dead_letter = null, max_receive_count = 1, fifo = false }
    line = { visibility_timeout_seconds = 30, retention_seconds = 60, dead_letter = null, max_receive_count = 1, fifo = true }
  }
}

run "as_given" {
  assert {
    condition     = aws_sqs_queue.this["jobs"].visibility_timeout_seconds == 31 && aws_sqs_queue.this["jobs"].message_retention_seconds == 61
    error_message = "Visibility and retention are those given."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_policy.this["jobs"].redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.this["dead"].arn, maxReceiveCount = 4 }
    error_message = "After four attempts a message goes to the dead-letter queue."
  }

  assert {
    condition     = keys(aws_sqs_queue_redrive_policy.this) == ["jobs"] && keys(aws_sqs_queue_redrive_allow_policy.this) == ["dead"]
    error_message = "Only queues with a dead-letter queue have one."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.this["dead"].redrive_allow_policy).sourceQueueArns == [aws_sqs_queue.this["jobs"].arn]
    error_message = "Only its sources may use the dead-letter queue."
  }

  assert {
    condition     = aws_sqs_queue.this["line"].name == "dofs-test-line.fifo" && aws_sqs_queue.this["jobs"].name == "dofs-test-jobs"
    error_message = "The name of a FIFO queue ends in .fifo."
  }
}

run "no_attempts" {
  command = plan

  variables {
    queues = { jobs = { visibility_timeout_seconds = 30, retention_seconds = 60, max_receive_count = 0, fifo = false } }
  }

  expect_failures = [var.queues]
}

run "unknown_dead_letter_queue" {
  command = plan

  variables {
    queues = { jobs = { visibility_timeout_seconds = 30, retention_seconds = 60, dead_letter = "lost", max_receive_count = 3, fifo = false } }
  }

  expect_failures = [var.queues]
}
