# What exists once per account and region: the bucket of Terraform's state, the pipelines, and API Gateway's permission to log.

module "names" {
  source = "../modules/names"

  project = var.project
}

locals {
  project = module.names.project

  # Where the states are, in the bucket; backend.tf of this folder and the environments' backend.s3.tfbackend say it to Terraform.
  state_keys = { environments = "dofs/terraform.tfstate", global = "global/terraform.tfstate" }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = local.project, Environment = "global", ManagedBy = "terraform" }
  }
}

module "state" {
  source = "../modules/state"

  project           = local.project
  create_lock_table = var.create_lock_table
}

module "cicd" {
  source = "../modules/cicd"

  project    = local.project
  repository = var.repository
  state      = { bucket = module.state.bucket, bucket_arn = module.state.bucket_arn, region = var.region, key = local.state_keys.environments }
}

# API Gateway has one setting per account and region that says with which role it writes logs. Taking it over is a choice.
data "aws_iam_policy_document" "api_gateway_trust" {
  count = var.manage_api_gateway_account ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "api_gateway" {
  count = var.manage_api_gateway_account ? 1 : 0

  name               = "${local.project}-global-api-gateway-logs"
  assume_role_policy = data.aws_iam_policy_document.api_gateway_trust[0].json
}

# AWS's own policy: API Gateway tests for all of it before it takes the role.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
data "aws_partition" "current" {}

resource "aws_iam_role_policy_attachment" "api_gateway" {
  count = var.manage_api_gateway_account ? 1 : 0

  role       = aws_iam_role.api_gateway[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "this" {
  count = var.manage_api_gateway_account ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.api_gateway[0].arn

  depends_on = [aws_iam_role_policy_attachment.api_gateway]
}

# A check that fails is a warning, at every plan and apply.
check "api_gateway_account" {
  assert {
    condition     = !var.manage_api_gateway_account
    error_message = "API Gateway's role for logs is set for the whole account in ${var.region}. Where another stack has set one, this replaces it, for its APIs too."
  }
}
