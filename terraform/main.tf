# One environment of DOFS. The workspace and the tfvars say which.

provider "aws" {
  region = var.region

  default_tags {
    # Project and Environment come last: the pipelines' roles tell by them what belongs to which environment.
    tags = merge(var.tags, { Project = module.names.project, Environment = var.environment, ManagedBy = "terraform" })
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

module "names" {
  source = "./modules/names"

  project = var.project
}

locals {
  name_prefix = "${module.names.project}-${var.environment}"

  # Made by terraform/global (modules/cicd). Every role here has it, whoever applies: a build cannot touch one that has not.
  permissions_boundary = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:policy/${module.names.project}-cicd/${local.name_prefix}-boundary"
}

module "tables" {
  source = "./modules/tables"

  name_prefix             = local.name_prefix
  tables                  = local.declared.table
  point_in_time_recovery  = var.point_in_time_recovery
  recovery_period_in_days = var.recovery_period_in_days
  deletion_protection     = var.deletion_protection
}

module "queues" {
  source = "./modules/queues"

  name_prefix = local.name_prefix
  queues      = local.declared.queue
}

module "api" {
  source = "./modules/api_gateway"

  name_prefix        = local.name_prefix
  function           = { name = module.functions["api-handler"].name, alias = module.functions["api-handler"].alias, invoke_arn = module.functions["api-handler"].invoke_arn }
  order_schema       = file("${path.module}/../functions/api_handler/order.schema.json")
  gateway_responses  = jsondecode(file("${path.module}/../functions/api_handler/openapi.json"))["x-amazon-apigateway-gateway-responses"]
  authorization      = var.api_authorization
  allowed_origin     = var.allowed_origin
  throttling         = local.api_throttling
  log_retention_days = coalesce(var.log_retention_days, local.declared.function["api-handler"].log_retention_days)
}

module "monitoring" {
  source = "./modules/monitoring"

  project           = module.names.project
  environment       = var.environment
  name_prefix       = local.name_prefix
  state_machine_arn = module.order_processing.state_machine_arn
  api_name          = module.api.name
  api_stage_name    = module.api.stage_name
  function_names    = { for name, function in module.functions : name => function.name }
  table_names       = module.tables.names
  order_queue_name  = module.queues.names["order-queue"]
  order_dlq_name    = module.queues.names["order-dlq"]
  alarm_actions     = var.alarm_actions

  oldest_message_seconds = var.alarm_thresholds.oldest_message_seconds
  dead_letters           = { percent = var.alarm_thresholds.dead_letters_percent, orders = var.alarm_thresholds.dead_letters }
  failed_executions      = var.alarm_thresholds.failed_executions
  success_rate           = { percent = var.alarm_thresholds.success_rate_percent, orders = var.alarm_thresholds.success_rate_orders }
}
