output "order_queue_arn" {
  description = "ARN of the queue of orders."
  value       = aws_sqs_queue.orders.arn
}

output "order_queue_url" {
  description = "URL of the queue of orders."
  value       = aws_sqs_queue.orders.url
}

output "order_queue_name" {
  description = "Full name of the queue of orders."
  value       = aws_sqs_queue.orders.name
}

output "order_dlq_arn" {
  description = "ARN of the dead-letter queue."
  value       = aws_sqs_queue.dead_letters.arn
}

output "order_dlq_name" {
  description = "Full name of the dead-letter queue."
  value       = aws_sqs_queue.dead_letters.name
}
