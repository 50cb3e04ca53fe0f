variable "project" {
  description = "What every name starts with."
  type        = string
  nullable    = false
}

variable "repository" {
  description = "The repository on GitHub: owner/name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[\\w.-]+/[\\w.-]+$", var.repository))
    error_message = "The form is owner/name."
  }
}

variable "branches" {
  description = "Which branch each pipeline deploys."
  type        = object({ nonprod = string, prod = string })
  default     = { nonprod = "dev", prod = "main" }
  nullable    = false
}

variable "state_bucket" {
  description = "The bucket of Terraform's state."
  type        = object({ name = string, arn = string })
  nullable    = false
}

variable "log_retention_days" {
  description = "How long build logs are kept; a number of days that CloudWatch knows."
  type        = number
  default     = 30
  nullable    = false
}
