environment        = "staging"
log_retention_days = 30

# What alarms notify: the ARN of an SNS topic of this account. Without one they only show in the console.
alarm_actions = []
