variable "project" {
  description = "What every name starts with; modules/names says which it can be."
  type        = string
  default     = "dofs"
  nullable    = false
}

variable "region" {
  description = "The region."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "repository" {
  description = "The repository on GitHub: owner/name."
  type        = string
  nullable    = false
}

variable "create_lock_table" {
  description = "Whether to make the lock table that Terraform before 1.10 needs."
  type        = bool
  default     = false
  nullable    = false
}

variable "manage_api_gateway_account" {
  description = "Whether to set the role with which API Gateway writes logs. It is one setting for the account and region, and what another stack has set is replaced. Without any, the first deployment of an API fails with \"CloudWatch Logs role ARN must be set\"."
  type        = bool
  default     = false
  nullable    = false
}
