# What each deployment has published, and going back to an earlier one. README.md, "Go back", says how.

locals {
  # The release that the aliases are held at; null for what was published last.
  held = var.release == null ? null : jsondecode(data.aws_s3_object.held[0].body)
}

# One object in a versioned bucket: each deployment that publishes something adds a version. It names what was published, not what is
# live, so that a rollback writes nothing.
resource "aws_s3_object" "release" {
  bucket       = module.packages.name
  key          = "release.json"
  content_type = "application/json"

  content = jsonencode({
    functions     = { for name, function in module.functions : name => function.published_version }
    state_machine = module.order_processing.state_machine_version_arn
  })
}

data "aws_s3_object" "held" {
  count = var.release == null ? 0 : 1

  bucket     = "${local.name_prefix}-lambda-deployments"
  key        = "release.json"
  version_id = var.release
}

# A check that fails is a warning, at every plan and apply.
check "held" {
  assert {
    condition     = var.release == null
    error_message = "${var.environment} is held at the earlier release ${coalesce(var.release, "-")}: what this publishes is not live."
  }
}
