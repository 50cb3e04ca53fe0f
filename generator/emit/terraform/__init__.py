"""The Terraform of a workflow: a module in the style of the terraform-aws-modules collection, and the files that it reads.

``template`` has the escapes of Terraform's ``templatefile``, ``hcl`` those of its language. Nothing outside this folder knows either.
"""
