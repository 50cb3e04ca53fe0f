variable "name_prefix" {
  description = "What every name starts with: project and environment."
  type        = string
  nullable    = false
}

variable "tables" {
  description = "The tables by their short name, as build/resources.json has them."
  type = map(object({
    key           = object({ name = string, type = string })
    sort_key      = optional(object({ name = string, type = string }))
    ttl_attribute = optional(string)
  }))
  nullable = false
}

variable "point_in_time_recovery" {
  description = "Whether orders can be restored to any second of the last days. Records that expire never are."
  type        = bool
  default     = true
  nullable    = false
}

variable "recovery_period_in_days" {
  description = "How many days back."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.recovery_period_in_days >= 1 && var.recovery_period_in_days <= 35
    error_message = "DynamoDB keeps 1 to 35 days."
  }
}

variable "deletion_protection" {
  description = "Whether the tables of orders refuse to be deleted."
  type        = bool
  default     = false
  nullable    = false
}
