output "state_bucket" {
  description = "Give this to terraform init: -backend-config=bucket=…"
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
