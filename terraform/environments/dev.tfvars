environment             = "dev"
log_retention_days      = 7
recovery_period_in_days = 7
