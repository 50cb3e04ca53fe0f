variable "project" {
  description = "What every name starts with."
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
