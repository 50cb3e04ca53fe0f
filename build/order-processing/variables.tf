################
# State machine
################

variable "name" {
  description = "Name of the state machine; the role and the log group are named after it"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,80}$", var.name))
    error_message = "The value of name must be 1 to 80 letters, digits, hyphens and underscores."
  }
}

variable "publish" {
  description = "Whether each change is published as a version"
  type        = bool
  default     = true
  nullable    = false
}

variable "alias_name" {
  description = "Name of the alias that points to the version published last; null for none"
  type        = string
  default     = "live"

  validation {
    condition     = var.alias_name == null || can(regex("^[A-Za-z0-9_.-]{0,79}[A-Za-z_.-][A-Za-z0-9_.-]{0,79}$", var.alias_name))
    error_message = "The value of alias_name must be at most 80 letters, digits and the characters _ . -, and not digits alone."
  }
}

variable "tags" {
  description = "Tags of all resources"
  type        = map(string)
  default     = {}
  nullable    = false
}

###########################################
# What the workflow leaves to deployment
###########################################

variable "failed_orders_arn" {
  description = "ARN of the DynamoDB table failed-orders"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z0-9-]+:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[^\\s\"'\\\\*?]+$", var.failed_orders_arn))
    error_message = "The value of failed_orders_arn must be the ARN of a DynamoDB table."
  }
}

variable "failed_orders_name" {
  description = "Name of the DynamoDB table failed-orders"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_./-]+$", var.failed_orders_name))
    error_message = "The value of failed_orders_name must be a name of letters, digits and the characters _ . / -."
  }
}

variable "order_queue_arn" {
  description = "ARN of the SQS queue order-queue"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z0-9-]+:sqs:[a-z0-9-]+:[0-9]{12}:[^\\s\"'\\\\*?]+$", var.order_queue_arn))
    error_message = "The value of order_queue_arn must be the ARN of an SQS queue."
  }
}

variable "order_queue_url" {
  description = "URL of the SQS queue order-queue"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https://[^\\s\"'\\\\]+$", var.order_queue_url))
    error_message = "The value of order_queue_url must be a URL that starts with https://."
  }
}

variable "order_storage_arn" {
  description = "ARN of the Lambda function order-storage: Stores an order, once."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z0-9-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:[^\\s\"'\\\\*?]+$", var.order_storage_arn))
    error_message = "The value of order_storage_arn must be the ARN of a Lambda function."
  }
}

variable "orders_arn" {
  description = "ARN of the DynamoDB table orders"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z0-9-]+:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[^\\s\"'\\\\*?]+$", var.orders_arn))
    error_message = "The value of orders_arn must be the ARN of a DynamoDB table."
  }
}

variable "orders_name" {
  description = "Name of the DynamoDB table orders"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_./-]+$", var.orders_name))
    error_message = "The value of orders_name must be a name of letters, digits and the characters _ . / -."
  }
}

variable "validator_arn" {
  description = "ARN of the Lambda function validator: Checks an order against the business rules."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z0-9-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:[^\\s\"'\\\\*?]+$", var.validator_arn))
    error_message = "The value of validator_arn must be the ARN of a Lambda function."
  }
}

#######################
# Logging and tracing
#######################

variable "logging_configuration" {
  description = "Which execution events are logged (ALL, ERROR, FATAL or OFF), and whether with the inputs and outputs, which may hold customer data"
  type = object({
    level                  = optional(string, "ALL")
    include_execution_data = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["ALL", "ERROR", "FATAL", "OFF"], var.logging_configuration.level)
    error_message = "The level of logging_configuration must be ALL, ERROR, FATAL or OFF."
  }
}

variable "cloudwatch_log_group_name" {
  description = "Name of the log group; null for /aws/vendedlogs/states/ and the state machine's name"
  type        = string
  default     = null

  validation {
    condition     = var.cloudwatch_log_group_name == null || can(regex("^[A-Za-z0-9_./#-]{1,512}$", var.cloudwatch_log_group_name))
    error_message = "The value of cloudwatch_log_group_name must be 1 to 512 letters, digits and the characters _ - / . #."
  }
}

variable "cloudwatch_log_group_retention_in_days" {
  description = "How many days logs are kept; 0 for ever"
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.cloudwatch_log_group_retention_in_days)
    error_message = "The value of cloudwatch_log_group_retention_in_days must be one that CloudWatch Logs takes: 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "cloudwatch_log_group_kms_key_id" {
  description = "ARN of the KMS key that encrypts the log group; null for a key of CloudWatch Logs"
  type        = string
  default     = null

  validation {
    condition     = var.cloudwatch_log_group_kms_key_id == null || can(regex("^arn:[a-z0-9-]+:kms:", var.cloudwatch_log_group_kms_key_id))
    error_message = "The value of cloudwatch_log_group_kms_key_id must be the ARN of a KMS key."
  }
}

variable "tracing_configuration" {
  description = "Whether AWS X-Ray traces executions"
  type = object({
    enabled = optional(bool, true)
  })
  default  = {}
  nullable = false
}

##############
# Encryption
##############

variable "encryption_configuration" {
  description = "Customer managed KMS key that encrypts the definition and the executions, and for how many seconds (60 to 900) its data keys are reused; null for a key that AWS owns"
  type = object({
    kms_key_arn                       = string
    kms_data_key_reuse_period_seconds = optional(number, 300)
  })
  default = null

  validation {
    condition     = var.encryption_configuration == null || can(regex("^arn:[a-z0-9-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.encryption_configuration.kms_key_arn))
    error_message = "The kms_key_arn of encryption_configuration must be the ARN of a KMS key, not of an alias: the role's policy names it."
  }

  validation {
    condition     = try(var.encryption_configuration.kms_data_key_reuse_period_seconds >= 60 && var.encryption_configuration.kms_data_key_reuse_period_seconds <= 900, true)
    error_message = "The kms_data_key_reuse_period_seconds of encryption_configuration must be 60 to 900."
  }
}

#################
# Execution role
#################

variable "role_name" {
  description = "Name of the execution role; null for the state machine's name"
  type        = string
  default     = null

  validation {
    condition     = var.role_name == null || can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.role_name))
    error_message = "The value of role_name must be 1 to 64 letters, digits and the characters _ + = , . @ -."
  }
}

variable "role_path" {
  description = "Path of the execution role"
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([!-~]{1,510}/)?$", var.role_path))
    error_message = "The value of role_path must start and end with a slash."
  }
}

variable "role_permissions_boundary" {
  description = "ARN of the policy that bounds the execution role's permissions; null for none"
  type        = string
  default     = null

  validation {
    condition     = var.role_permissions_boundary == null || can(regex("^arn:[a-z0-9-]+:iam::([0-9]{12}|aws):policy/", var.role_permissions_boundary))
    error_message = "The value of role_permissions_boundary must be the ARN of an IAM policy."
  }
}
