################
# State machine
################

output "state_machine_id" {
  description = "ID of the state machine, which is its ARN"
  value       = aws_sfn_state_machine.this.id
}

output "state_machine_arn" {
  description = "ARN of the state machine"
  value       = aws_sfn_state_machine.this.arn
}

output "state_machine_name" {
  description = "Name of the state machine"
  value       = aws_sfn_state_machine.this.name
}

output "state_machine_creation_date" {
  description = "When the state machine was created"
  value       = aws_sfn_state_machine.this.creation_date
}

output "state_machine_status" {
  description = "Status of the state machine"
  value       = aws_sfn_state_machine.this.status
}

output "state_machine_version_arn" {
  description = "ARN of the version published last; null when versions are not published"
  value       = var.publish ? aws_sfn_state_machine.this.state_machine_version_arn : null
}

output "state_machine_alias_arn" {
  description = "ARN of the alias; null when there is none"
  value       = one(aws_sfn_alias.this[*].arn)
}

output "state_machine_console_url" {
  description = "The state machine in the AWS console"
  value       = "https://${data.aws_region.current.region}.console.${lookup({ aws-cn = "amazonaws.cn", aws-us-gov = "amazonaws-us-gov.com" }, data.aws_partition.current.partition, "aws.amazon.com")}/states/home?region=${data.aws_region.current.region}#/statemachines/view/${local.state_machine_arn}"
}

############
# Log group
############

output "cloudwatch_log_group_arn" {
  description = "ARN of the log group; null when logging is off"
  value       = one(aws_cloudwatch_log_group.this[*].arn)
}

output "cloudwatch_log_group_name" {
  description = "Name of the log group; null when logging is off"
  value       = one(aws_cloudwatch_log_group.this[*].name)
}

#################
# Execution role
#################

output "role_arn" {
  description = "ARN of the execution role"
  value       = aws_iam_role.this.arn
}

output "role_name" {
  description = "Name of the execution role"
  value       = aws_iam_role.this.name
}
