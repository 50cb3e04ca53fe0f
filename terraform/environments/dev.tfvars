environment             = "dev"
log_retention_days      = 7
recovery_period_in_days = 7

# What alarms notify: the ARN of an SNS topic of this account. Without one they only show in the console.
alarm_actions = []
