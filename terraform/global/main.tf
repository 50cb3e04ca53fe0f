# What exists once per account: the bucket of Terraform's state, the pipelines, and API Gateway's permission to log.

provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = var.project, Environment = "global", ManagedBy = "terraform" }
  }
}

module "state" {
  source = "../modules/state"

  project           = var.project
  create_lock_table = var.create_lock_table
}

module "cicd" {
  source = "../modules/cicd"

  project      = var.project
  repository   = var.repository
  state_bucket = { name = module.state.bucket, arn = module.state.bucket_arn }
}

data "aws_iam_policy_document" "api_gateway_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "api_gateway" {
  name               = "${var.project}-global-api-gateway-logs"
  assume_role_policy = data.aws_iam_policy_document.api_gateway_trust.json
}

# AWS's own policy: API Gateway tests for all of it before it takes the role.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
data "aws_partition" "current" {}

resource "aws_iam_role_policy_attachment" "api_gateway" {
  role       = aws_iam_role.api_gateway.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.api_gateway.arn

  depends_on = [aws_iam_role_policy_attachment.api_gateway]
}
