# What workflows/resources.py declares. Numbers, names of attributes and descriptions are there, and not typed here again.

locals {
  build    = "${path.module}/../build"
  declared = jsondecode(file("${local.build}/resources.json"))

  arn_suffix = "${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"

  # The values of all placeholders: the ${orders_arn} and ${orders_name} of the table orders, and so on. Functions and the workflow
  # have the ARN that they will have: they refer to each other, so their own attributes would close a circle.
  placeholders = merge(
    {
      aws_partition         = data.aws_partition.current.partition
      aws_region            = data.aws_region.current.region
      aws_account_id        = data.aws_caller_identity.current.account_id
      order_processing_name = "${local.name_prefix}-order-processing"
      order_processing_arn  = "arn:${data.aws_partition.current.partition}:states:${local.arn_suffix}:stateMachine:${local.name_prefix}-order-processing"
    },
    { for name in keys(local.declared.function) : "${replace(name, "-", "_")}_name" => "${local.name_prefix}-${name}" },
    { for name in keys(local.declared.function) : "${replace(name, "-", "_")}_arn" => "arn:${data.aws_partition.current.partition}:lambda:${local.arn_suffix}:function:${local.name_prefix}-${name}" },
    { for name, value in module.tables.names : "${replace(name, "-", "_")}_name" => value },
    { for name, value in module.tables.arns : "${replace(name, "-", "_")}_arn" => value },
    { for name, value in module.queues.names : "${replace(name, "-", "_")}_name" => value },
    { for name, value in module.queues.arns : "${replace(name, "-", "_")}_arn" => value },
    { for name, value in module.queues.urls : "${replace(name, "-", "_")}_url" => value },
  )
}
