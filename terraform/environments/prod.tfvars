environment         = "prod"
log_retention_days  = 365
deletion_protection = true

# What alarms notify: the ARN of an SNS topic of this account. Without one they only show in the console.
alarm_actions = []
