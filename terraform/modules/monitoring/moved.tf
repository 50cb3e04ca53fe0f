# The address before this alarm had an expression. Its name is the same: without this block Terraform would put the new alarm and delete
# the old one at the same time, and could delete what it has just put.

moved {
  from = aws_cloudwatch_metric_alarm.this["dead-letters"]
  to   = aws_cloudwatch_metric_alarm.expression["dead-letters"]
}
