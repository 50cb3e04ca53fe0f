# The state machine: a generated module. Each variable that ends in _arn or _url is a placeholder of its definition.

module "order_processing" {
  source = "../build/order-processing"

  name              = "${local.name_prefix}-order-processing"
  validator_arn     = module.validator.arn
  order_storage_arn = module.order_storage.arn
  order_queue_arn   = module.queues.order_queue_arn
  order_queue_url   = module.queues.order_queue_url

  role_permissions_boundary = local.permissions_boundary

  # All events, without inputs and outputs: those hold customer data.
  logging_configuration                  = { level = "ALL", include_execution_data = false }
  cloudwatch_log_group_name              = "/aws/stepfunctions/${local.name_prefix}-order-processing"
  cloudwatch_log_group_retention_in_days = var.log_retention_days
}
