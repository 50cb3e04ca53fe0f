# The state machine: a generated module. Each variable that ends in _arn or _url is a placeholder of its definition.

module "order_processing" {
  source = "../build/order-processing"

  name              = local.placeholders["order_processing_name"]
  validator_arn     = module.functions["validator"].arn
  order_storage_arn = module.functions["order-storage"].arn
  order_queue_arn   = module.queues.arns["order-queue"]
  order_queue_url   = module.queues.urls["order-queue"]

  cloudwatch_log_group_name              = "/aws/stepfunctions/${local.placeholders["order_processing_name"]}"
  cloudwatch_log_group_retention_in_days = var.log_retention_days
}
