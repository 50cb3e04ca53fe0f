variable "environment" {
  description = "dev, staging or prod; the workspace has the same name."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "One of dev, staging, prod."
  }

  validation {
    condition     = terraform.workspace == var.environment
    error_message = "This is workspace ${terraform.workspace}, and the variables are those of ${var.environment}: terraform workspace select ${var.environment}"
  }
}

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

variable "tags" {
  description = "Tags for everything, beside Project, Environment and ManagedBy, which these cannot replace."
  type        = map(string)
  default     = {}
  nullable    = false
}

# --- orders ---------------------------------------------------------------------------------------------------------

variable "success_rate" {
  description = "Probability that an attempt to fulfil an order succeeds; null for the one that workflows/resources.py declares."
  type        = number
  default     = null

  validation {
    condition     = var.success_rate == null || try(var.success_rate >= 0 && var.success_rate <= 1, false)
    error_message = "0 to 1."
  }
}

variable "max_quantity" {
  description = "How many of a product one order may have; null for the number that workflows/resources.py declares."
  type        = number
  default     = null

  validation {
    condition     = var.max_quantity == null || try(var.max_quantity >= 1 && floor(var.max_quantity) == var.max_quantity, false)
    error_message = "A whole number from 1."
  }
}

# --- functions ------------------------------------------------------------------------------------------------------

variable "package_directory" {
  description = "Where the packages are; by default dist, where make package puts them."
  type        = string
  default     = null
}

variable "release" {
  description = "The release that is live, as scripts/release.py lists them; null for what this apply publishes."
  type        = string
  default     = null
}

variable "reserved_concurrency" {
  description = "At most this many invocations at once, by function; -1 for no limit of its own. A function that is not named has the limit that workflows/resources.py declares."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.reserved_concurrency) : contains(keys(local.declared.function), name)])
    error_message = "The functions are ${join(", ", keys(local.declared.function))}."
  }
}

variable "log_level" {
  description = "DEBUG, INFO, WARN or ERROR. DEBUG may log customer data."
  type        = string
  default     = "INFO"
  nullable    = false
}

variable "log_retention_days" {
  description = "How long logs are kept, a number of days that CloudWatch knows; null for what the functions and the workflow declare."
  type        = number
  default     = null

  validation {
    condition     = var.log_retention_days == null || try(contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days), false)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

# --- API ------------------------------------------------------------------------------------------------------------

variable "api_authorization" {
  description = "NONE for an open API, as the seed has it; AWS_IAM where callers sign their requests."
  type        = string
  default     = "NONE"
  nullable    = false
}

variable "allowed_origin" {
  description = "The web origin whose pages may call the API; * for any."
  type        = string
  default     = "*"
  nullable    = false
}

variable "api_throttling" {
  description = "Requests per second on average, and at once, of each method; null for this environment's share of start_execution_quota."
  type        = object({ requests_per_second = number, burst = number })
  default     = null

  validation {
    condition     = try(var.api_throttling.requests_per_second > 0 && var.api_throttling.burst > 0, var.api_throttling == null)
    error_message = "Both numbers are above zero; without them an open API has no bound to what it can cost."
  }

  validation {
    condition     = try(var.api_throttling.requests_per_second <= local.start_execution_quota.requests_per_second && var.api_throttling.burst <= local.start_execution_quota.burst, var.api_throttling == null)
    error_message = "Step Functions starts ${local.start_execution_quota.requests_per_second} executions per second in ${var.region}, ${local.start_execution_quota.burst} at once; where AWS has raised that for the account, set start_execution_quota."
  }
}

variable "start_execution_quota" {
  description = "What Step Functions allows the account: StartExecution calls per second, and at once. Null for what AWS gives to every account in this region."
  type        = object({ requests_per_second = number, burst = number })
  default     = null
}

# --- tables and alarms ----------------------------------------------------------------------------------------------

variable "point_in_time_recovery" {
  description = "Whether orders can be restored to any second of the last days."
  type        = bool
  default     = true
  nullable    = false
}

variable "recovery_period_in_days" {
  description = "How many days back."
  type        = number
  default     = 35
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether tables and packages survive terraform destroy."
  type        = bool
  default     = false
  nullable    = false
}

variable "alarm_actions" {
  description = "What alarms notify, such as the ARN of an SNS topic."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "alarm_thresholds" {
  description = "When alarms ring: modules/monitoring says what each number is."
  type = object({
    oldest_message_seconds = optional(number, 300)
    dead_letters           = optional(number, 20)
    dead_letters_percent   = optional(number, 10)
    failed_executions      = optional(number, 0)
    success_rate_percent   = optional(number, 70)
    success_rate_orders    = optional(number, 10)
  })
  default  = {}
  nullable = false
}
