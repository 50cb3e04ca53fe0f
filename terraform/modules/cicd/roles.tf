# The roles of pipelines and builds. Where AWS names a resource after its environment, the role is bound to those names, and where
# AWS chooses an id, to the tags of that environment; the few statements on "*" are for actions that take no resource.

locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  account   = data.aws_caller_identity.current.account_id

  # The roles and policies here have a path of their own, outside of what an environment is named, so that no pattern below matches them.
  path = "/${var.project}-cicd/"

  # arn(service, resource) of this account and region
  arn = merge(
    { for service in ["lambda", "states", "dynamodb", "sqs", "logs", "codebuild"] : service => "arn:${local.partition}:${service}:${local.region}:${local.account}" },
    { apigateway = "arn:${local.partition}:apigateway:${local.region}", iam = "arn:${local.partition}:iam::${local.account}" },
  )

  # The tags that the provider puts on everything of an environment, as conditions: on what a request gives to a resource, on what the
  # resource has, and on what it has if it has any.
  tags = { for name, _ in local.environments : name => { Project = var.project, Environment = name } }
  tag_conditions = {
    for name, tags in local.tags : name => {
      given  = [for key, value in tags : { test = "StringEquals", variable = "aws:RequestTag/${key}", value = value }]
      has    = [for key, value in tags : { test = "StringEquals", variable = "aws:ResourceTag/${key}", value = value }]
      or_new = [for key, value in tags : { test = "StringEqualsIfExists", variable = "aws:ResourceTag/${key}", value = value }]
    }
  }

  # What Terraform does to resources that have an id of AWS's choosing. All that belongs to an API inherits its tags:
  # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
  # What has tags keeps its environment: nobody can retag another's as their own.
  by_tags = {
    CreateApi     = { tags = ["given"], resource = "${local.arn.apigateway}::/restapis", actions = ["apigateway:POST"] }
    Api           = { tags = ["has"], resource = "${local.arn.apigateway}::/restapis/*", actions = [for verb in ["DELETE", "GET", "PATCH", "POST", "PUT"] : "apigateway:${verb}"] }
    TagApi        = { tags = ["given", "or_new"], resource = "${local.arn.apigateway}::/tags/*", actions = ["apigateway:PUT"] }
    UntagApi      = { tags = ["has"], resource = "${local.arn.apigateway}::/tags/*", actions = ["apigateway:DELETE"] }
    ReadApiTags   = { tags = [], resource = "${local.arn.apigateway}::/tags/*", actions = ["apigateway:GET"] }
    CreateApiLog  = { tags = ["given"], resource = local.api_logs, actions = ["logs:CreateLogGroup"] }
    ApiLog        = { tags = ["has"], resource = local.api_logs, actions = [for action in ["DeleteLogGroup", "DeleteRetentionPolicy", "ListTagsForResource", "PutRetentionPolicy", "UntagResource"] : "logs:${action}"] }
    TagApiLog     = { tags = ["given", "or_new"], resource = local.api_logs, actions = ["logs:TagResource"] }
    TagConsumer   = { tags = ["given", "or_new"], resource = local.consumers, actions = ["lambda:TagResource"] }
    UntagConsumer = { tags = ["has"], resource = local.consumers, actions = ["lambda:UntagResource"] }
  }

  api_logs  = "${local.arn.logs}:log-group:API-Gateway-Execution-Logs_*"
  consumers = "${local.arn.lambda}:event-source-mapping:*"

  # The managed policies of a build's role; an inline policy would be too long.
  managed = {
    deploy = { description = "What Terraform does to what is named after its environment.", documents = data.aws_iam_policy_document.deploy }
    tagged = { description = "What Terraform does to what has the tags of its environment.", documents = data.aws_iam_policy_document.tagged }
    roles  = { description = "The roles that Terraform can make, and what it can never do.", documents = data.aws_iam_policy_document.roles }
  }
  managed_policies = merge([
    for kind, policy in local.managed : {
      for name, environment in local.environments : "${name}-${kind}" => {
        environment = name
        name        = "${environment.project}-${kind}"
        description = policy.description
        json        = policy.documents[name].json
      }
    }
  ]...)
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
  path               = local.path
  assume_role_policy = data.aws_iam_policy_document.trust["codepipeline"].json
}

data "aws_iam_policy_document" "pipeline" {
  for_each = local.pipelines

  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${local.artifacts[each.value.environments[0]].folder}/*"]
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
    resources = [for build in concat(each.value.environments, ["check-${each.key}"]) : "${local.arn.codebuild}:project/${local.builds[build].project}"]
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
  path               = local.path
  assume_role_policy = data.aws_iam_policy_document.trust["codebuild"].json
}

resource "aws_iam_role_policy" "build" {
  for_each = local.environments

  name   = "build"
  role   = aws_iam_role.build[each.key].id
  policy = data.aws_iam_policy_document.build[each.key].json
}

resource "aws_iam_policy" "build" {
  for_each = local.managed_policies

  name        = each.value.name
  path        = local.path
  description = each.value.description
  policy      = each.value.json
}

resource "aws_iam_role_policy_attachment" "build" {
  for_each = local.managed_policies

  role       = aws_iam_role.build[each.value.environment].name
  policy_arn = aws_iam_policy.build[each.key].arn
}

data "aws_iam_policy_document" "build" {
  for_each = local.environments

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.build[each.key].arn}:*"]
  }

  statement {
    sid       = "Source"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${local.artifacts[each.key].folder}/source/*"]
  }

  statement {
    sid       = "Plan"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${local.artifacts[each.key].folder}/${local.artifacts[each.key].plan}/*"]
  }

  statement {
    sid       = "ArtifactBucket"
    actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation"]
    resources = [module.artifacts.arn]
  }

  statement {
    sid       = "State"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${var.state.bucket_arn}/env:/${each.key}/${var.state.key}"]
  }

  statement {
    sid       = "Lock"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["${var.state.bucket_arn}/env:/${each.key}/${var.state.key}.tflock"]
  }

  # terraform init reads the state of the default workspace, which has none, before it knows of any other.
  statement {
    sid       = "DefaultState"
    actions   = ["s3:GetObject"]
    resources = ["${var.state.bucket_arn}/${var.state.key}"]
  }

  # Terraform finds its workspaces by listing. Without it, S3 answers 403 instead of 404 for a state that is not there yet; a condition
  # on the prefix would have the same effect.
  statement {
    sid       = "StateBucket"
    actions   = ["s3:ListBucket"]
    resources = [var.state.bucket_arn]
  }

  statement {
    sid = "Packages"
    actions = [
      "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetAccelerateConfiguration",
      "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLocation", "s3:GetBucketLogging", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketPolicy",
      "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging", "s3:GetBucketVersioning", "s3:GetBucketWebsite",
      "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging",
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
      "lambda:AddPermission", "lambda:CreateAlias", "lambda:CreateFunction", "lambda:DeleteAlias", "lambda:DeleteFunction",
      "lambda:DeleteFunctionConcurrency", "lambda:DeleteLayerVersion", "lambda:GetAlias", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig",
      "lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration", "lambda:GetLayerVersion", "lambda:GetPolicy", "lambda:ListTags",
      "lambda:ListVersionsByFunction", "lambda:PublishLayerVersion", "lambda:PublishVersion", "lambda:PutFunctionConcurrency", "lambda:RemovePermission",
      "lambda:TagResource", "lambda:UntagResource", "lambda:UpdateAlias", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
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
    actions   = ["lambda:GetEventSourceMapping", "lambda:ListTags"]
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

data "aws_iam_policy_document" "tagged" {
  for_each = local.environments

  dynamic "statement" {
    for_each = local.by_tags

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = [statement.value.resource]

      dynamic "condition" {
        for_each = flatten([for tags in statement.value.tags : local.tag_conditions[each.key][tags]])

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = [condition.value.value]
        }
      }
    }
  }
}

data "aws_iam_policy_document" "roles" {
  for_each = local.environments

  # A role of the environment is made with the boundary, and gets or loses policies only while it has it.
  statement {
    sid       = "RolesWithinTheBoundary"
    actions   = ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
    resources = ["${local.arn.iam}:role/${var.project}-${each.key}-*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary[each.key].arn]
    }
  }

  statement {
    sid = "Roles"
    actions = [
      "iam:DeleteRole", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies",
      "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
    ]
    resources = ["${local.arn.iam}:role/${var.project}-${each.key}-*"]
  }

  statement {
    sid       = "PassRoles"
    actions   = ["iam:PassRole"]
    resources = ["${local.arn.iam}:role/${var.project}-${each.key}-*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["lambda.amazonaws.com", "states.amazonaws.com"]
    }
  }

  # Nothing above allows it either. This stays true when someone adds to it.
  statement {
    sid       = "NeverItself"
    effect    = "Deny"
    actions   = ["iam:*", "sts:AssumeRole"]
    resources = ["${local.arn.iam}:role${local.path}*", "${local.arn.iam}:policy${local.path}*"]
  }

  # A table, bucket or queue that disappears from the configuration takes its data along. In production an administrator removes it.
  dynamic "statement" {
    for_each = each.value.protected ? ["KeepData"] : []

    content {
      sid       = statement.value
      effect    = "Deny"
      actions   = ["dynamodb:DeleteTable", "s3:DeleteBucket", "sqs:DeleteQueue"]
      resources = ["*"]
    }
  }
}

# --- checks ---------------------------------------------------------------------------------------------------------

# Tests run code of others (dependencies, checkov). This role reads the source and writes the log, and that is all.
resource "aws_iam_role" "check" {
  for_each = local.pipelines

  name               = "${var.project}-${each.key}-check"
  path               = local.path
  assume_role_policy = data.aws_iam_policy_document.trust["codebuild"].json
}

data "aws_iam_policy_document" "check" {
  for_each = local.pipelines

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.build["check-${each.key}"].arn}:*"]
  }

  statement {
    sid       = "Source"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${local.artifacts[each.value.environments[0]].folder}/source/*"]
  }
}

resource "aws_iam_role_policy" "check" {
  for_each = local.pipelines

  name   = "check"
  role   = aws_iam_role.check[each.key].id
  policy = data.aws_iam_policy_document.check[each.key].json
}
