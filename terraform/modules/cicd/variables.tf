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

variable "state" {
  description = "Where Terraform's state is: the bucket, its region, and the key of the environments' states in it."
  type        = object({ bucket = string, bucket_arn = string, region = string, key = optional(string, "dofs/terraform.tfstate") })
  nullable    = false
}

variable "log_retention_days" {
  description = "How long build logs are kept; a number of days that CloudWatch knows."
  type        = number
  default     = 30
  nullable    = false
}
