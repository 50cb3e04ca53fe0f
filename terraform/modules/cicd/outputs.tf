output "connection_arn" {
  description = "The connection to GitHub, to be completed once in the console."
  value       = aws_codeconnections_connection.source.arn
}

output "pipeline_names" {
  description = "Names of the pipelines."
  value       = sort([for pipeline in aws_codepipeline.this : pipeline.name])
}
