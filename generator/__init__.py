"""AWS Step Functions workflows as declarative Python, compiled to ASL, IAM and Terraform."""
