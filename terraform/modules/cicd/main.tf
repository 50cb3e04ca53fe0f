# Two pipelines: dev → staging from one branch, prod from another after an approval. First a build without any rights runs the tests;
# then each environment is planned and, from that saved plan, applied, by a role that can touch what is named after that
# environment and nothing else. The repository has the buildspecs of this project, terraform/buildspecs.

locals {
  environments = {
    dev     = { project = "${var.project}-nonprod-dev", pipeline = "nonprod", protected = false }
    staging = { project = "${var.project}-nonprod-staging", pipeline = "nonprod", protected = false }
    prod    = { project = "${var.project}-prod", pipeline = "prod", protected = true }
  }

  pipelines = {
    nonprod = { branch = var.branches.nonprod, approval = false, environments = ["dev", "staging"] }
    prod    = { branch = var.branches.prod, approval = true, environments = ["prod"] }
  }

  # Every build project: one per environment that deploys, one per pipeline that checks.
  builds = merge(
    { for name, environment in local.environments : name => {
      project     = environment.project
      description = "Plans and applies ${name}."
      buildspec   = "terraform/buildspecs/deploy.yml"
      variables = {
        TF_WORKSPACE     = name
        TF_VAR_FILE      = "environments/${name}.tfvars"
        TF_IN_AUTOMATION = "true"
        TF_VAR_project   = var.project
        TF_VAR_region    = local.region
        STATE_BUCKET     = var.state.bucket
        STATE_KEY        = var.state.key
        STATE_REGION     = var.state.region
        PROTECTED        = environment.protected ? "true" : "false"
      }
    } },
    { for name, pipeline in local.pipelines : "check-${name}" => {
      project     = "${var.project}-${name}-check"
      description = "Runs the tests. It has no rights in the account."
      buildspec   = "terraform/buildspecs/check.yml"
      variables   = {}
    } },
  )

  # CodePipeline keeps an artifact under the first 20 characters of the pipeline's name and the first 10 of the artifact's.
  artifacts = {
    for name, environment in local.environments : name => {
      folder = "${module.artifacts.arn}/${substr("${var.project}-${environment.pipeline}-pipeline", 0, 20)}"
      plan   = substr("${name}_plan", 0, 10)
    }
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

# Sources and plans serve one run. A plan waits at most seven days for its approval.
# https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
module "artifacts" {
  source = "../bucket"

  name                   = "${var.project}-cicd-artifacts"
  expire_after_days      = 30
  keep_old_versions_days = 7
}

resource "aws_cloudwatch_log_group" "build" {
  for_each = local.builds

  name              = "/aws/codebuild/${each.value.project}"
  retention_in_days = var.log_retention_days
}

resource "aws_codebuild_project" "this" {
  for_each = local.builds

  name           = each.value.project
  description    = each.value.description
  service_role   = startswith(each.key, "check-") ? aws_iam_role.check[trimprefix(each.key, "check-")].arn : aws_iam_role.build[each.key].arn
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
      for_each = each.value.variables

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

  # Without its build project an environment cannot be deployed, and what it has made stays without an owner.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_codepipeline" "this" {
  for_each = local.pipelines

  name           = "${var.project}-${each.key}-pipeline"
  role_arn       = aws_iam_role.pipeline[each.key].arn
  pipeline_type  = "V2"
  execution_mode = "QUEUED"

  # start-pipeline-execution --variables name=RELEASE,value=previous takes the environments back; README.md, "Go back".
  variable {
    name          = "RELEASE"
    default_value = "new"
    description   = "What goes live: new for these sources, previous or an id for an earlier release, forward to end such a rollback."
  }

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

  stage {
    name = "Check"

    action {
      name            = "Check"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["source"]

      configuration = {
        ProjectName = aws_codebuild_project.this["check-${each.key}"].name
      }
    }
  }

  dynamic "stage" {
    for_each = each.value.environments

    content {
      name = title(stage.value)

      action {
        name             = "Plan"
        run_order        = 1
        category         = "Build"
        owner            = "AWS"
        provider         = "CodeBuild"
        version          = "1"
        input_artifacts  = ["source"]
        output_artifacts = ["${stage.value}_plan"]

        configuration = {
          ProjectName = aws_codebuild_project.this[stage.value].name
          EnvironmentVariables = jsonencode([
            { name = "STEP", value = "plan", type = "PLAINTEXT" },
            { name = "RELEASE", value = "#{variables.RELEASE}", type = "PLAINTEXT" },
          ])
        }
      }

      dynamic "action" {
        for_each = each.value.approval ? ["Approve"] : []

        content {
          name      = action.value
          run_order = 2
          category  = "Approval"
          owner     = "AWS"
          provider  = "Manual"
          version   = "1"

          configuration = {
            CustomData = "The plan is at the end of the log of the build before this. What is approved is that plan and nothing else."
          }
        }
      }

      action {
        name            = "Apply"
        run_order       = 3
        category        = "Build"
        owner           = "AWS"
        provider        = "CodeBuild"
        version         = "1"
        input_artifacts = ["${stage.value}_plan"]

        configuration = {
          ProjectName          = aws_codebuild_project.this[stage.value].name
          EnvironmentVariables = jsonencode([{ name = "STEP", value = "apply", type = "PLAINTEXT" }])
        }
      }
    }
  }
}
