output "arns" {
  description = "ARN of each queue, by its short name."
  value       = { for name, queue in aws_sqs_queue.this : name => queue.arn }
}

output "urls" {
  description = "URL of each queue, by its short name."
  value       = { for name, queue in aws_sqs_queue.this : name => queue.url }
}

output "names" {
  description = "Full name of each queue, by its short name."
  value       = { for name, queue in aws_sqs_queue.this : name => queue.name }
}
