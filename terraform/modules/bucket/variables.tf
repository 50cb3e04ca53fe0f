variable "name" {
  description = "The bucket's name."
  type        = string
  default     = null

  validation {
    condition     = (var.name == null) != (var.name_prefix == null)
    error_message = "Either a name or a prefix, to which AWS adds a random end."
  }
}

variable "name_prefix" {
  description = "What a name with a random end starts with."
  type        = string
  default     = null
}

variable "keep_old_versions_days" {
  description = "How long overwritten and deleted objects can be restored."
  type        = number
  default     = 30
  nullable    = false
}

variable "keep_old_versions" {
  description = "How many old versions of each object are kept however old they are, up to 100; null for none."
  type        = number
  default     = null
}

variable "expire_after_days" {
  description = "After how many days objects are deleted; null for never."
  type        = number
  default     = null

  validation {
    condition     = var.expire_after_days == null || try(var.expire_after_days >= 1 && floor(var.expire_after_days) == var.expire_after_days, false)
    error_message = "A whole number of days from 1."
  }
}

variable "force_destroy" {
  description = "Whether a bucket that still holds objects can be destroyed."
  type        = bool
  default     = false
  nullable    = false
}
