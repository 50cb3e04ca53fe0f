variable "project" {
  description = "Namespace of the metrics of our own."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Their dimension."
  type        = string
  nullable    = false
}

variable "name_prefix" {
  description = "What every name starts with: project and environment."
  type        = string
  nullable    = false
}

variable "state_machine_arn" {
  description = "The workflow."
  type        = string
  nullable    = false
}

variable "api_name" {
  description = "Name of the API."
  type        = string
  nullable    = false
}

variable "api_stage_name" {
  description = "Name of its stage."
  type        = string
  nullable    = false
}

variable "function_names" {
  description = "Full name of each function, by its short name."
  type        = map(string)
  nullable    = false
}

variable "table_names" {
  description = "Full name of each table, by its short name."
  type        = map(string)
  nullable    = false
}

variable "order_queue_name" {
  description = "The queue of orders."
  type        = string
  nullable    = false
}

variable "order_dlq_name" {
  description = "The dead-letter queue."
  type        = string
  nullable    = false
}

variable "alarm_actions" {
  description = "What alarms notify, such as the ARN of an SNS topic."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "oldest_message_seconds" {
  description = "How long an order may wait in the queue."
  type        = number
  default     = 300
  nullable    = false
}

variable "dead_letters" {
  description = "The largest share of orders given up in five minutes, in percent, and the number of given up orders above which it counts. With the seed's numbers 2.7 percent are."
  type        = object({ percent = number, orders = number })
  default     = { percent = 10, orders = 20 }
  nullable    = false
}

variable "failed_executions" {
  description = "How many workflows may fail in five minutes, beside those of orders that a business rule refuses."
  type        = number
  default     = 0
  nullable    = false
}

variable "success_rate" {
  description = "The lowest share of fulfilled orders in five minutes, in percent, and the number of orders from which it counts. Of ten orders, chance alone fails four in one window of 10,000."
  type        = object({ percent = number, orders = number })
  default     = { percent = 70, orders = 10 }
  nullable    = false
}
