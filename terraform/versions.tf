terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # The bucket comes from terraform/global: terraform init -backend-config=bucket=…
  # Workspaces keep their states apart, under env:/<workspace>/.
  backend "s3" {
    key          = "dofs/terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true
  }
}
