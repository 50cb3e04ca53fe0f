variable "name_prefix" {
  description = "What every name starts with: project and environment."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Short name, such as order-storage."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length("${var.name_prefix}-${var.name}") <= 64
    error_message = "A name is lower case words joined by '-'; with its prefix it has at most 64 characters."
  }
}

variable "description" {
  description = "What the function does."
  type        = string
  nullable    = false
}

variable "runtime" {
  description = "Identifier of the runtime, such as python3.13."
  type        = string
  nullable    = false
}

variable "architecture" {
  description = "Instruction set: arm64 or x86_64."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "One of arm64, x86_64."
  }
}

variable "handler" {
  description = "Module and function that Lambda calls."
  type        = string
  nullable    = false
}

variable "policy_json" {
  description = "The generated policy of its role, with all placeholders filled."
  type        = string
  nullable    = false

  validation {
    condition     = can(jsondecode(var.policy_json).Statement)
    error_message = "The policy is a JSON document with statements."
  }
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds its role; null for none. A pipeline of modules/cicd can make a role only with its environment's."
  type        = string
  default     = null
}

variable "package" {
  description = "The code: an object in S3, its version, and the hash of its content."
  type        = object({ bucket = string, key = string, version = string, hash = string })
  nullable    = false
}

variable "alias" {
  description = "Name of the alias that callers use."
  type        = string
  nullable    = false
}

variable "pinned_version" {
  description = "The version that the alias points to; null for the one that was published last."
  type        = string
  default     = null
}

variable "layer_arn" {
  description = "The layer with shared code and libraries."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Environment variables; functions/README.md lists them."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "timeout_seconds" {
  description = "How long one invocation may take."
  type        = number
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "Lambda takes 1 to 900 seconds."
  }
}

variable "memory_mb" {
  description = "Memory, and with it processor time."
  type        = number
  nullable    = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "Lambda takes 128 to 10240 MB."
  }
}

variable "reserved_concurrency" {
  description = "At most this many invocations at once; -1 for no limit of its own."
  type        = number
  default     = -1
  nullable    = false
}

variable "log_level" {
  description = "DEBUG, INFO, WARN or ERROR."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["DEBUG", "INFO", "WARN", "ERROR"], var.log_level)
    error_message = "One of DEBUG, INFO, WARN, ERROR."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept; a number of days that CloudWatch knows."
  type        = number
  nullable    = false
}

variable "consumes" {
  description = "The queues that trigger the function, by their short name. A filter is a pattern as JSON."
  type = map(object({
    queue_arn                          = string
    batch_size                         = number
    maximum_batching_window_in_seconds = number
    report_batch_item_failures         = bool
    filters                            = optional(list(string), [])
  }))
  default  = {}
  nullable = false
}
