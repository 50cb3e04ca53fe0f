output "url" {
  description = "Where the API is; append /order."
  value       = aws_api_gateway_stage.this.invoke_url
}

output "name" {
  description = "Name of the API, as its metrics have it."
  value       = aws_api_gateway_rest_api.this.name
}

output "stage_name" {
  description = "Name of the stage, as its metrics have it."
  value       = aws_api_gateway_stage.this.stage_name
}
