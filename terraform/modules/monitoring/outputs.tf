output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = sort([for alarm in merge(aws_cloudwatch_metric_alarm.this, aws_cloudwatch_metric_alarm.expression) : alarm.alarm_name])
}
