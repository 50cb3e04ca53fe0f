variable "name_prefix" {
  description = "What every name starts with: project and environment."
  type        = string
  nullable    = false
}

variable "queues" {
  description = "The queues by their short name, as build/resources.json has them. The clock of a dead letter runs from its first sending. A key is one of KMS; without it SQS has the key."
  type = map(object({
    visibility_timeout_seconds = number
    retention_seconds          = number
    dead_letter                = optional(string)
    max_receive_count          = optional(number)
    fifo                       = bool
    key                        = optional(string)
  }))
  nullable = false

  validation {
    condition     = alltrue([for queue in values(var.queues) : queue.visibility_timeout_seconds >= 0 && queue.visibility_timeout_seconds <= 43200])
    error_message = "SQS takes a visibility timeout of 0 to 43200 seconds."
  }

  validation {
    condition     = alltrue([for queue in values(var.queues) : queue.retention_seconds >= 60 && queue.retention_seconds <= 1209600])
    error_message = "SQS keeps messages for 60 to 1209600 seconds."
  }

  validation {
    condition     = alltrue([for queue in values(var.queues) : queue.max_receive_count >= 1 && queue.max_receive_count <= 1000 if queue.dead_letter != null])
    error_message = "SQS takes a max_receive_count of 1 to 1000."
  }

  validation {
    condition     = alltrue([for queue in values(var.queues) : queue.dead_letter == null || contains(keys(var.queues), coalesce(queue.dead_letter, "-"))])
    error_message = "A dead-letter queue is one of the queues."
  }
}
