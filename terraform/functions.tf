# The functions that workflows/resources.py declares: one module for each.

locals {
  packages = {
    for name in concat(keys(local.declared.function), ["layer"]) :
    name => "${coalesce(var.package_directory, "${path.module}/../dist")}/${name}.zip"
  }

  uploaded = {
    for name, object in aws_s3_object.package : name => { bucket = object.bucket, key = object.key, version = object.version_id, hash = filebase64sha256(local.packages[name]) }
  }

  common_environment = {
    PROJECT_NAME = module.names.project
    ENVIRONMENT  = var.environment
  }

  # Values of this environment, which take the place of declared ones. A variable that is null leaves the declared value.
  deployed_environment = {
    api-handler   = { ALLOWED_ORIGIN = var.allowed_origin }
    fulfill-order = { SUCCESS_RATE = var.success_rate }
    validator     = { MAX_QUANTITY = var.max_quantity }
  }
}

module "packages" {
  source = "./modules/bucket"

  name                   = "${local.name_prefix}-lambda-deployments"
  keep_old_versions_days = 30
  keep_old_versions      = 20
  force_destroy          = !var.deletion_protection
}

# The key stays and the bucket is versioned: a deployment adds a version, and those before it are kept. With the content's hash in the
# key, Terraform would replace the object, and the provider deletes all versions of an object that it replaces.
resource "aws_s3_object" "package" {
  for_each = local.packages

  bucket      = module.packages.name
  key         = "${each.key}.zip"
  source      = each.value
  source_hash = filebase64sha256(each.value)

  depends_on = [module.packages] # versioning comes before the first object, or that one has no version
}

resource "aws_lambda_layer_version" "shared" {
  layer_name               = "${local.name_prefix}-shared"
  description              = "Shared code and locked libraries."
  s3_bucket                = aws_s3_object.package["layer"].bucket
  s3_key                   = aws_s3_object.package["layer"].key
  s3_object_version        = aws_s3_object.package["layer"].version_id
  skip_destroy             = true # earlier versions of the functions have earlier versions of the layer
  source_code_hash         = filebase64sha256(local.packages["layer"])
  compatible_runtimes      = distinct([for function in values(local.declared.function) : function.runtime])
  compatible_architectures = distinct([for function in values(local.declared.function) : function.architecture])
}

module "functions" {
  source   = "./modules/function"
  for_each = local.declared.function

  name_prefix          = local.name_prefix
  name                 = each.key
  description          = each.value.description
  runtime              = each.value.runtime
  architecture         = each.value.architecture
  handler              = each.value.handler
  memory_mb            = each.value.memory_mb
  timeout_seconds      = each.value.timeout_seconds
  reserved_concurrency = lookup(var.reserved_concurrency, each.key, coalesce(each.value.reserved_concurrency, -1))
  log_retention_days   = coalesce(var.log_retention_days, each.value.log_retention_days)
  log_level            = var.log_level
  alias                = each.value.alias
  pinned_version       = try(local.held.functions[each.key], null)
  package              = local.uploaded[each.key]
  layer_arn            = aws_lambda_layer_version.shared.arn
  policy_json          = templatefile("${local.build}/functions/${each.key}.policy.json", merge(local.placeholders, { function_name = "${local.name_prefix}-${each.key}" }))
  permissions_boundary = local.permissions_boundary

  environment = merge(
    local.common_environment,
    jsondecode(templatefile("${local.build}/functions/${each.key}.environment.json", local.placeholders)),
    { for name, value in lookup(local.deployed_environment, each.key, {}) : name => value if value != null },
  )

  consumes = {
    for trigger in each.value.triggers : trigger.queue => {
      queue_arn                          = module.queues.arns[trigger.queue]
      batch_size                         = trigger.batch_size
      maximum_batching_window_in_seconds = trigger.maximum_batching_window_seconds
      report_batch_item_failures         = trigger.report_batch_item_failures
      filters                            = [for pattern in trigger.filters : jsonencode(pattern)]
    }
  }
}
