variable "name_prefix" {
  description = "What every name starts with: project and environment."
  type        = string
  nullable    = false
}

variable "visibility_timeout_seconds" {
  description = "How long a received order stays hidden. AWS advises six times the consumer's timeout (5 s here)."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.visibility_timeout_seconds >= 0 && var.visibility_timeout_seconds <= 43200
    error_message = "SQS takes 0 to 43200 seconds."
  }
}

variable "dead_letter_visibility_timeout_seconds" {
  description = "The same for the dead-letter queue, whose consumer has 10 s for a batch."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.dead_letter_visibility_timeout_seconds >= 0 && var.dead_letter_visibility_timeout_seconds <= 43200
    error_message = "SQS takes 0 to 43200 seconds."
  }
}

variable "retention_seconds" {
  description = "How long a message is kept: 14 days. The clock of a dead letter runs from its first sending."
  type        = number
  default     = 1209600
  nullable    = false

  validation {
    condition     = var.retention_seconds >= 60 && var.retention_seconds <= 1209600
    error_message = "SQS keeps messages for 60 to 1209600 seconds."
  }
}

variable "max_receive_count" {
  description = "How many attempts an order has. AWS advises 5 or more for functions, which throttling also costs attempts."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.max_receive_count >= 1 && var.max_receive_count <= 1000
    error_message = "SQS takes 1 to 1000."
  }
}
