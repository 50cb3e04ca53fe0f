output "arns" {
  description = "ARN of each table, by its short name."
  value       = { for name, table in aws_dynamodb_table.this : name => table.arn }
}

output "names" {
  description = "Full name of each table, by its short name."
  value       = { for name, table in aws_dynamodb_table.this : name => table.name }
}
