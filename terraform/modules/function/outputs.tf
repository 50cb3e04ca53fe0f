output "arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn

  # Who gets it calls the alias: the role and the definition of a workflow append it.
  depends_on = [aws_lambda_alias.this]
}

output "alias" {
  description = "Name of the alias that callers use."
  value       = aws_lambda_alias.this.name
}

output "published_version" {
  description = "The version that was published last, whatever the alias points to."
  value       = aws_lambda_function.this.version
}

output "name" {
  description = "Full name of the function."
  value       = aws_lambda_function.this.function_name
}

output "invoke_arn" {
  description = "What API Gateway calls: the alias."
  value       = aws_lambda_alias.this.invoke_arn
}

output "role_name" {
  description = "Name of its role."
  value       = aws_iam_role.this.name
}
