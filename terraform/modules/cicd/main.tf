# Two pipelines: dev → staging from one branch, prod from another after an approval. Each environment has a build project with a
# role of its own, which can touch what is named after that environment and nothing else.

locals {
  environments = {
    dev     = { project = "${var.project}-nonprod-dev", buildspec = "terraform/buildspecs/buildspec-nonprod.yml" }
    staging = { project = "${var.project}-nonprod-staging", buildspec = "terraform/buildspecs/buildspec-nonprod.yml" }
    prod    = { project = "${var.project}-prod", buildspec = "terraform/buildspecs/buildspec-prod.yml" }
  }

  pipelines = {
    nonprod = { branch = var.branches.nonprod, approval = false, environments = ["dev", "staging"] }
    prod    = { branch = var.branches.prod, approval = true, environments = ["prod"] }
  }
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}
data "aws_partition" "current" {}

# It is made pending; someone completes it once in the console.
resource "aws_codeconnections_connection" "source" {
  name          = "${var.project}-source"
  provider_type = "GitHub"
}

module "artifacts" {
  source = "../bucket"

  name = "${var.project}-cicd-artifacts"
}

resource "aws_cloudwatch_log_group" "build" {
  for_each = local.environments

  name              = "/aws/codebuild/${each.value.project}"
  retention_in_days = var.log_retention_days
}

resource "aws_codebuild_project" "this" {
  for_each = local.environments

  name           = each.value.project
  description    = "Checks and deploys ${each.key}."
  service_role   = aws_iam_role.build[each.key].arn
  build_timeout  = 60
  queued_timeout = 480

  source {
    type      = "CODEPIPELINE"
    buildspec = each.value.buildspec
  }

  artifacts {
    type = "CODEPIPELINE"
  }

  environment {
    type         = "LINUX_CONTAINER"
    compute_type = "BUILD_GENERAL1_MEDIUM"
    image        = "aws/codebuild/standard:7.0"

    dynamic "environment_variable" {
      for_each = {
        TF_WORKSPACE     = each.key
        TF_VAR_FILE      = "environments/${each.key}.tfvars"
        TF_IN_AUTOMATION = "true"
        STATE_BUCKET     = var.state_bucket.name
      }

      content {
        name  = environment_variable.key
        value = environment_variable.value
      }
    }
  }

  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.build[each.key].name
    }
  }
}

resource "aws_codepipeline" "this" {
  for_each = local.pipelines

  name           = "${var.project}-${each.key}-pipeline"
  role_arn       = aws_iam_role.pipeline[each.key].arn
  pipeline_type  = "V2"
  execution_mode = "QUEUED"

  artifact_store {
    type     = "S3"
    location = module.artifacts.name
  }

  stage {
    name = "Source"

    action {
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["source"]

      configuration = {
        ConnectionArn    = aws_codeconnections_connection.source.arn
        FullRepositoryId = var.repository
        BranchName       = each.value.branch
      }
    }
  }

  dynamic "stage" {
    for_each = each.value.approval ? ["Approval"] : []

    content {
      name = stage.value

      action {
        name     = "Approve"
        category = "Approval"
        owner    = "AWS"
        provider = "Manual"
        version  = "1"
      }
    }
  }

  dynamic "stage" {
    for_each = each.value.environments

    content {
      name = title(stage.value)

      action {
        name            = "Deploy"
        category        = "Build"
        owner           = "AWS"
        provider        = "CodeBuild"
        version         = "1"
        input_artifacts = ["source"]

        configuration = {
          ProjectName = aws_codebuild_project.this[stage.value].name
        }
      }
    }
  }
}
