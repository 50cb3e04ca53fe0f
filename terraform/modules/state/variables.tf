variable "project" {
  description = "What every name starts with."
  type        = string
  nullable    = false
}

variable "create_lock_table" {
  description = "Whether to make the lock table that Terraform before 1.10 needs."
  type        = bool
  default     = false
  nullable    = false
}
