output "api_url" {
  description = "Where the API is; append /order."
  value       = module.api.url
}

output "state_machine_arn" {
  description = "ARN of the workflow."
  value       = module.order_processing.state_machine_arn
}

output "state_machine_console_url" {
  description = "The workflow in the console: its executions, each with graph, events and input and output of every state."
  value       = module.order_processing.state_machine_console_url
}

output "dashboard_url" {
  description = "The dashboard in the console."
  value       = "https://${data.aws_region.current.region}.console.aws.amazon.com/cloudwatch/home?region=${data.aws_region.current.region}#dashboards/dashboard/${module.monitoring.dashboard_name}"
}

output "function_arns" {
  description = "ARN of each function."
  value       = { for name, function in module.functions : name => function.arn }
}

output "table_arns" {
  description = "ARN of each table."
  value       = module.tables.arns
}

output "queue_arns" {
  description = "ARN of each queue."
  value       = module.queues.arns
}

output "order_queue_url" {
  description = "URL of the queue of orders."
  value       = module.queues.urls["order-queue"]
}

output "held_at_release" {
  description = "The earlier release that is live; null for what was published last. A deployment that would change it unasked is refused."
  value       = var.release
}

output "live" {
  description = "What is live: the version of each function, and of the workflow."
  value = {
    functions     = { for name, function in module.functions : name => coalesce(try(local.held.functions[name], null), function.published_version) }
    state_machine = coalesce(try(local.held.state_machine, null), module.order_processing.state_machine_version_arn)
  }
}
