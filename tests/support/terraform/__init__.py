"""The real Terraform, offline: the command behind `make plan`, and what the tests of the configuration use."""
