# The state machine: a generated module. Each variable that ends in _arn, _name or _url is a placeholder of its definition.

module "order_processing" {
  source = "../build/order-processing"

  name              = local.placeholders["order_processing_name"]
  alias_name        = local.declared["state-machine"]["order-processing"].alias
  alias_version_arn = try(local.held.state_machine, null)

  validator_arn      = module.functions["validator"].arn
  order_storage_arn  = module.functions["order-storage"].arn
  order_queue_arn    = module.queues.arns["order-queue"]
  order_queue_url    = module.queues.urls["order-queue"]
  orders_arn         = module.tables.arns["orders"]
  orders_name        = module.tables.names["orders"]
  failed_orders_arn  = module.tables.arns["failed-orders"]
  failed_orders_name = module.tables.names["failed-orders"]

  alarm_actions    = var.alarm_actions
  alarm_ok_actions = var.alarm_actions
  alarm_thresholds = { aborted = 0, throttled = 0, timed_out = 0 } # modules/monitoring knows which failed executions are a fault

  role_permissions_boundary = local.permissions_boundary

  cloudwatch_log_group_name              = "/aws/stepfunctions/${local.placeholders["order_processing_name"]}"
  cloudwatch_log_group_retention_in_days = var.log_retention_days
}
