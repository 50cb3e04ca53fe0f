# Addresses before functions and queues were made from what is declared. Terraform keeps the resources, and the messages in the queues.

moved {
  from = module.api_handler
  to   = module.functions["api-handler"]
}

moved {
  from = module.validator
  to   = module.functions["validator"]
}

moved {
  from = module.order_storage
  to   = module.functions["order-storage"]
}

moved {
  from = module.fulfill_order
  to   = module.functions["fulfill-order"]
}

moved {
  from = module.dlq_handler
  to   = module.functions["dlq-handler"]
}

moved {
  from = module.functions["fulfill-order"].aws_lambda_event_source_mapping.queue[0]
  to   = module.functions["fulfill-order"].aws_lambda_event_source_mapping.queue["order-queue"]
}

moved {
  from = module.functions["dlq-handler"].aws_lambda_event_source_mapping.queue[0]
  to   = module.functions["dlq-handler"].aws_lambda_event_source_mapping.queue["order-dlq"]
}

moved {
  from = module.queues.aws_sqs_queue.orders
  to   = module.queues.aws_sqs_queue.this["order-queue"]
}

moved {
  from = module.queues.aws_sqs_queue.dead_letters
  to   = module.queues.aws_sqs_queue.this["order-dlq"]
}

moved {
  from = module.queues.aws_sqs_queue_policy.orders
  to   = module.queues.aws_sqs_queue_policy.this["order-queue"]
}

moved {
  from = module.queues.aws_sqs_queue_policy.dead_letters
  to   = module.queues.aws_sqs_queue_policy.this["order-dlq"]
}

moved {
  from = module.queues.aws_sqs_queue_redrive_allow_policy.dead_letters
  to   = module.queues.aws_sqs_queue_redrive_allow_policy.this["order-dlq"]
}
