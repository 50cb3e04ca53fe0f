output "connection_arn" {
  description = "The connection to GitHub, to be completed once in the console."
  value       = aws_codeconnections_connection.source.arn
}

output "pipeline_names" {
  description = "Names of the pipelines."
  value       = sort([for pipeline in aws_codepipeline.this : pipeline.name])
}

output "boundary_arns" {
  description = "By environment, the policy that bounds every role of that environment."
  value       = { for environment, policy in aws_iam_policy.boundary : environment => policy.arn }
}
