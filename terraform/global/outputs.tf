output "state_bucket" {
  description = "Name of the bucket of the states; make backend tells Terraform."
  value       = module.state.bucket
}

output "connection_arn" {
  description = "The connection to GitHub, to be completed once in the console."
  value       = module.cicd.connection_arn
}

output "pipeline_names" {
  description = "Names of the pipelines."
  value       = module.cicd.pipeline_names
}

output "backend" {
  description = "Where the states are; make backend writes it into files that Terraform reads."
  value       = { bucket = module.state.bucket, region = var.region, keys = local.state_keys }
}

output "boundary_arns" {
  description = "By environment, the policy that bounds every role of that environment."
  value       = module.cicd.boundary_arns
}
