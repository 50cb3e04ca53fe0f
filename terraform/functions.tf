# The five functions. Their policies are generated; here the placeholders are filled and the packages are put where Lambda finds them.

locals {
  function_names = {
    api-handler   = module.api_handler.name
    validator     = module.validator.name
    order-storage = module.order_storage.name
    fulfill-order = module.fulfill_order.name
    dlq-handler   = module.dlq_handler.name
  }

  packages = {
    for name in ["api-handler", "validator", "order-storage", "fulfill-order", "dlq-handler", "layer"] :
    name => "${coalesce(var.package_directory, "${path.module}/../dist")}/${name}.zip"
  }

  common_environment = {
    PROJECT_NAME = module.names.project
    ENVIRONMENT  = var.environment
  }
}

module "packages" {
  source = "./modules/bucket"

  name                   = "${local.name_prefix}-lambda-deployments"
  keep_old_versions_days = 30
  force_destroy          = !var.deletion_protection
}

# The key holds the hash of the content, so that an earlier deployment finds its own package again.
resource "aws_s3_object" "package" {
  for_each = local.packages

  bucket      = module.packages.name
  key         = "${each.key}/${filesha256(each.value)}.zip"
  source      = each.value
  source_hash = filebase64sha256(each.value)
}

resource "aws_lambda_layer_version" "shared" {
  layer_name               = "${local.name_prefix}-shared"
  description              = "Shared code and locked libraries."
  s3_bucket                = aws_s3_object.package["layer"].bucket
  s3_key                   = aws_s3_object.package["layer"].key
  source_code_hash         = filebase64sha256(local.packages["layer"])
  compatible_runtimes      = ["python3.13"]
  compatible_architectures = ["arm64"]
}

module "api_handler" {
  source = "./modules/function"

  name_prefix          = local.name_prefix
  name                 = "api-handler"
  description          = "Accepts orders over HTTP and starts their workflow."
  policy_json          = local.policies["api-handler"]
  permissions_boundary = local.permissions_boundary
  package              = local.uploaded["api-handler"]
  layer_arn            = aws_lambda_layer_version.shared.arn
  memory_mb            = 512 # importing Powertools and pydantic is most of a cold start, and memory buys processor time
  timeout_seconds      = 10
  reserved_concurrency = var.reserved_concurrency["api-handler"]
  log_level            = var.log_level
  log_retention_days   = var.log_retention_days

  environment = merge(local.common_environment, {
    STEP_FUNCTION_ARN = module.order_processing.state_machine_arn
    ORDERS_TABLE      = module.tables.names["orders"]
    ALLOWED_ORIGIN    = var.allowed_origin
  })
}

module "validator" {
  source = "./modules/function"

  name_prefix          = local.name_prefix
  name                 = "validator"
  description          = "Checks an order against the business rules."
  policy_json          = local.policies["validator"]
  permissions_boundary = local.permissions_boundary
  package              = local.uploaded["validator"]
  layer_arn            = aws_lambda_layer_version.shared.arn
  timeout_seconds      = 10
  reserved_concurrency = var.reserved_concurrency["validator"]
  log_level            = var.log_level
  log_retention_days   = var.log_retention_days

  environment = merge(local.common_environment, {
    MAX_QUANTITY = var.max_quantity
  })
}

module "order_storage" {
  source = "./modules/function"

  name_prefix          = local.name_prefix
  name                 = "order-storage"
  description          = "Stores an order, once."
  policy_json          = local.policies["order-storage"]
  permissions_boundary = local.permissions_boundary
  package              = local.uploaded["order-storage"]
  layer_arn            = aws_lambda_layer_version.shared.arn
  timeout_seconds      = 10
  reserved_concurrency = var.reserved_concurrency["order-storage"]
  log_level            = var.log_level
  log_retention_days   = var.log_retention_days

  environment = merge(local.common_environment, {
    ORDERS_TABLE = module.tables.names["orders"]
  })
}

module "fulfill_order" {
  source = "./modules/function"

  name_prefix          = local.name_prefix
  name                 = "fulfill-order"
  description          = "Fulfils the orders of the queue."
  policy_json          = local.policies["fulfill-order"]
  permissions_boundary = local.permissions_boundary
  package              = local.uploaded["fulfill-order"]
  layer_arn            = aws_lambda_layer_version.shared.arn
  timeout_seconds      = 5 # a sixth of the queue's visibility timeout, as AWS advises
  reserved_concurrency = var.reserved_concurrency["fulfill-order"]
  log_level            = var.log_level
  log_retention_days   = var.log_retention_days
  consumes             = { queue_arn = module.queues.order_queue_arn, batch_size = 1 }

  environment = merge(local.common_environment, {
    ORDERS_TABLE      = module.tables.names["orders"]
    IDEMPOTENCY_TABLE = module.tables.names["idempotency"]
    SUCCESS_RATE      = var.success_rate
    MAX_RECEIVE_COUNT = var.max_receive_count
  })
}

module "dlq_handler" {
  source = "./modules/function"

  name_prefix          = local.name_prefix
  name                 = "dlq-handler"
  description          = "Records the orders that could not be fulfilled."
  policy_json          = local.policies["dlq-handler"]
  permissions_boundary = local.permissions_boundary
  package              = local.uploaded["dlq-handler"]
  layer_arn            = aws_lambda_layer_version.shared.arn
  timeout_seconds      = 10
  reserved_concurrency = var.reserved_concurrency["dlq-handler"]
  log_level            = var.log_level
  log_retention_days   = var.log_retention_days
  consumes             = { queue_arn = module.queues.order_dlq_arn, batch_size = 10 }

  environment = merge(local.common_environment, {
    ORDERS_TABLE        = module.tables.names["orders"]
    FAILED_ORDERS_TABLE = module.tables.names["failed-orders"]
  })
}

locals {
  uploaded = {
    for name, object in aws_s3_object.package : name => { bucket = object.bucket, key = object.key, hash = filebase64sha256(local.packages[name]) }
  }

  # What the generated policies leave to deployment. The state machine is named by the ARN that it will have: the functions
  # that it calls have such policies too, so its own attribute would close a circle.
  placeholders = {
    aws_partition         = data.aws_partition.current.partition
    aws_region            = data.aws_region.current.region
    aws_account_id        = data.aws_caller_identity.current.account_id
    orders_arn            = module.tables.arns["orders"]
    failed_orders_arn     = module.tables.arns["failed-orders"]
    idempotency_arn       = module.tables.arns["idempotency"]
    order_queue_arn       = module.queues.order_queue_arn
    order_dlq_arn         = module.queues.order_dlq_arn
    order_processing_name = "${local.name_prefix}-order-processing"
    order_processing_arn  = "arn:${data.aws_partition.current.partition}:states:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:stateMachine:${local.name_prefix}-order-processing"
  }

  policies = {
    for name in ["api-handler", "validator", "order-storage", "fulfill-order", "dlq-handler"] :
    name => templatefile("${path.module}/../build/functions/${name}.policy.json", merge(local.placeholders, { function_name = "${local.name_prefix}-${name}" }))
  }
}
