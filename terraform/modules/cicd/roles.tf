# The roles of pipelines and builds. Where AWS names a resource after its environment, the role is bound to those names; the few
# statements on "*" are for actions that take no resource.

locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  account   = data.aws_caller_identity.current.account_id

  # arn(service, resource) of this account and region
  arn = { for service in ["lambda", "states", "dynamodb", "sqs", "logs", "codebuild"] : service => "arn:${local.partition}:${service}:${local.region}:${local.account}" }
}

data "aws_iam_policy_document" "trust" {
  for_each = toset(["codepipeline", "codebuild"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${each.value}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

# --- pipelines ------------------------------------------------------------------------------------------------------

resource "aws_iam_role" "pipeline" {
  for_each = local.pipelines

  name               = "${var.project}-${each.key}-pipeline"
  assume_role_policy = data.aws_iam_policy_document.trust["codepipeline"].json
}

data "aws_iam_policy_document" "pipeline" {
  for_each = local.pipelines

  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${module.artifacts.arn}/${substr("${var.project}-${each.key}-pipeline", 0, 20)}/*"]
  }

  statement {
    sid       = "ArtifactBucket"
    actions   = ["s3:GetBucketVersioning"]
    resources = [module.artifacts.arn]
  }

  statement {
    sid       = "Source"
    actions   = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
    resources = [aws_codeconnections_connection.source.arn]
  }

  statement {
    sid       = "Builds"
    actions   = ["codebuild:StartBuild", "codebuild:BatchGetBuilds"]
    resources = [for environment in each.value.environments : "${local.arn.codebuild}:project/${local.environments[environment].project}"]
  }
}

resource "aws_iam_role_policy" "pipeline" {
  for_each = local.pipelines

  name   = "pipeline"
  role   = aws_iam_role.pipeline[each.key].id
  policy = data.aws_iam_policy_document.pipeline[each.key].json
}

# --- builds ---------------------------------------------------------------------------------------------------------

resource "aws_iam_role" "build" {
  for_each = local.environments

  name               = "${each.value.project}-build"
  assume_role_policy = data.aws_iam_policy_document.trust["codebuild"].json
}

resource "aws_iam_role_policy" "build" {
  for_each = local.environments

  name   = "build"
  role   = aws_iam_role.build[each.key].id
  policy = data.aws_iam_policy_document.build[each.key].json
}

resource "aws_iam_policy" "deploy" {
  for_each = local.environments

  name        = "${each.value.project}-deploy"
  description = "What Terraform does to deploy ${each.key}."
  policy      = data.aws_iam_policy_document.deploy[each.key].json
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each = local.environments

  role       = aws_iam_role.build[each.key].name
  policy_arn = aws_iam_policy.deploy[each.key].arn
}

data "aws_iam_policy_document" "build" {
  for_each = local.environments

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.build[each.key].arn}:*"]
  }

  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${module.artifacts.arn}/*"]
  }

  statement {
    sid       = "State"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["${var.state_bucket.arn}/env:/${each.key}/*"]
  }

  statement {
    sid       = "StateBucket"
    actions   = ["s3:ListBucket"]
    resources = [var.state_bucket.arn]
  }

  statement {
    sid = "Packages"
    actions = [
      "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetAccelerateConfiguration",
      "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLocation", "s3:GetBucketLogging", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketPolicy",
      "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging", "s3:GetBucketVersioning", "s3:GetBucketWebsite",
      "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion",
      "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketTagging", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutObject", "s3:PutObjectTagging",
    ]
    resources = [
      "arn:${local.partition}:s3:::${var.project}-${each.key}-lambda-deployments",
      "arn:${local.partition}:s3:::${var.project}-${each.key}-lambda-deployments/*",
    ]
  }
}

data "aws_iam_policy_document" "deploy" {
  for_each = local.environments

  statement {
    sid = "Functions"
    actions = [
      "lambda:AddPermission", "lambda:CreateFunction", "lambda:DeleteFunction", "lambda:DeleteFunctionConcurrency", "lambda:DeleteLayerVersion",
      "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration",
      "lambda:GetLayerVersion", "lambda:GetPolicy", "lambda:ListTags",
      "lambda:ListVersionsByFunction", "lambda:PublishLayerVersion", "lambda:PutFunctionConcurrency", "lambda:RemovePermission", "lambda:TagResource",
      "lambda:UntagResource", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
    ]
    resources = ["${local.arn.lambda}:function:${var.project}-${each.key}-*", "${local.arn.lambda}:layer:${var.project}-${each.key}-*"]
  }

  # A mapping has an id of AWS's choosing; the function that it calls tells the environment.
  statement {
    sid       = "CreateConsumers"
    actions   = ["lambda:CreateEventSourceMapping"]
    resources = ["*"]

    condition {
      test     = "ArnLike"
      variable = "lambda:FunctionArn"
      values   = ["${local.arn.lambda}:function:${var.project}-${each.key}-*"]
    }
  }

  statement {
    sid       = "Consumers"
    actions   = ["lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"]
    resources = ["${local.arn.lambda}:event-source-mapping:*"]

    condition {
      test     = "ArnLike"
      variable = "lambda:FunctionArn"
      values   = ["${local.arn.lambda}:function:${var.project}-${each.key}-*"]
    }
  }

  statement {
    sid       = "ReadConsumers"
    actions   = ["lambda:GetEventSourceMapping", "lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"]
    resources = ["${local.arn.lambda}:event-source-mapping:*"]
  }

  statement {
    sid = "Workflows"
    actions = [
      "states:CreateStateMachine", "states:CreateStateMachineAlias", "states:DeleteStateMachine", "states:DeleteStateMachineAlias",
      "states:DeleteStateMachineVersion", "states:DescribeStateMachine", "states:DescribeStateMachineAlias", "states:ListStateMachineVersions",
      "states:ListTagsForResource", "states:PublishStateMachineVersion", "states:TagResource", "states:UntagResource", "states:UpdateStateMachine",
      "states:UpdateStateMachineAlias",
    ]
    resources = ["${local.arn.states}:stateMachine:${var.project}-${each.key}-*"]
  }

  statement {
    sid = "Tables"
    actions = [
      "dynamodb:CreateTable", "dynamodb:DeleteTable", "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive",
      "dynamodb:ListTagsOfResource", "dynamodb:TagResource", "dynamodb:UntagResource", "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable",
      "dynamodb:UpdateTimeToLive",
    ]
    resources = ["${local.arn.dynamodb}:table/${var.project}-${each.key}-*"]
  }

  statement {
    sid = "Queues"
    actions = [
      "sqs:CreateQueue", "sqs:DeleteQueue", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags", "sqs:SetQueueAttributes", "sqs:TagQueue",
      "sqs:UntagQueue",
    ]
    resources = ["${local.arn.sqs}:${var.project}-${each.key}-*"]
  }

  statement {
    sid = "LogGroups"
    actions = [
      "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy", "logs:ListTagsForResource", "logs:PutRetentionPolicy",
      "logs:TagResource", "logs:UntagResource",
    ]
    resources = [for service in ["lambda", "stepfunctions", "apigateway"] : "${local.arn.logs}:log-group:/aws/${service}/${var.project}-${each.key}-*"]
  }

  # A REST API has an id of AWS's choosing, so these can't be bound to an environment.
  statement {
    sid       = "Api"
    actions   = ["apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"]
    resources = [for path in ["restapis", "restapis/*", "tags/*"] : "arn:${local.partition}:apigateway:${local.region}::/${path}"]
  }

  statement {
    sid = "Roles"
    actions = [
      "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies",
      "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole", "iam:UpdateRoleDescription",
    ]
    resources = ["arn:${local.partition}:iam::${local.account}:role/${var.project}-${each.key}-*"]
  }

  statement {
    sid       = "PassRoles"
    actions   = ["iam:PassRole"]
    resources = ["arn:${local.partition}:iam::${local.account}:role/${var.project}-${each.key}-*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["lambda.amazonaws.com", "states.amazonaws.com"]
    }
  }

  statement {
    sid = "Monitoring"
    actions = [
      "cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource",
      "cloudwatch:PutDashboard", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource",
    ]
    resources = [
      "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${var.project}-${each.key}-*",
      "arn:${local.partition}:cloudwatch::${local.account}:dashboard/${var.project}-${each.key}",
    ]
  }

  # None of these takes a resource: https://docs.aws.amazon.com/service-authorization/latest/reference/
  statement {
    sid = "NoResource"
    actions = [
      "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery", "states:ValidateStateMachineDefinition",
    ]
    resources = ["*"]
  }
}
