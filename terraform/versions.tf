terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # Bucket, region and key come from terraform/global: make backend writes them into backend.s3.tfbackend, and
  # terraform init -backend-config=backend.s3.tfbackend reads them. Workspaces keep their states apart, under env:/<workspace>/.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}
