variable "name_prefix" {
  description = "What every name starts with: project and environment."
  type        = string
  nullable    = false
}

variable "stage_name" {
  description = "The stage: the first part of every path."
  type        = string
  default     = "v1"
  nullable    = false
}

variable "function" {
  description = "The function that answers: its name, its alias, and the address at which API Gateway calls the alias."
  type        = object({ name = string, alias = string, invoke_arn = string })
  nullable    = false
}

variable "order_schema" {
  description = "JSON Schema (draft 4) of an order, generated from the function's model."
  type        = string
  nullable    = false
}

variable "gateway_responses" {
  description = "What API Gateway answers itself, by type, as its extension x-amazon-apigateway-gateway-responses of OpenAPI has it; a type that is left out is answered in API Gateway's words."
  type = map(object({
    statusCode         = optional(string)
    responseTemplates  = map(string)
    responseParameters = optional(map(string), {})
  }))
  default  = {}
  nullable = false
}

variable "authorization" {
  description = "NONE for an open API, as the seed has it; AWS_IAM where callers sign their requests."
  type        = string
  default     = "NONE"
  nullable    = false

  validation {
    condition     = contains(["NONE", "AWS_IAM"], var.authorization)
    error_message = "NONE or AWS_IAM."
  }
}

variable "allowed_origin" {
  description = "The web origin whose pages may call the API; * for any."
  type        = string
  default     = "*"
  nullable    = false

  validation {
    condition     = var.allowed_origin == "*" || can(regex("^https?://[^/'\"]+$", var.allowed_origin))
    error_message = "An origin such as https://shop.example.com, or *."
  }
}

variable "throttling" {
  description = "Requests per second on average, and at once, of each method."
  type        = object({ requests_per_second = number, burst = number })
  default     = { requests_per_second = 50, burst = 100 }
  nullable    = false
}

variable "log_retention_days" {
  description = "How long the two logs of the API are kept; a number of days that CloudWatch knows."
  type        = number
  default     = 30
  nullable    = false
}
