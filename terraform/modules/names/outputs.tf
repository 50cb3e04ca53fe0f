output "project" {
  description = "The project's name, once it is known to fit into every name that is made from it."
  value       = var.project

  precondition {
    condition     = length(var.project) <= local.max_length
    error_message = "project: ${var.project} has ${length(var.project)} characters, and ${local.tightest} has room for ${local.max_length}."
  }
}

output "max_length" {
  description = "How many characters the project's name can have."
  value       = local.max_length
}
