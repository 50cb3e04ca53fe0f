# Addresses before a build's role had several policies. Names of policies are unique in an account, whatever their path: without these
# blocks Terraform would make the new policy beside the old one, and IAM would refuse the name.

moved {
  from = aws_iam_policy.deploy["dev"]
  to   = aws_iam_policy.build["dev-deploy"]
}

moved {
  from = aws_iam_policy.deploy["staging"]
  to   = aws_iam_policy.build["staging-deploy"]
}

moved {
  from = aws_iam_policy.deploy["prod"]
  to   = aws_iam_policy.build["prod-deploy"]
}

moved {
  from = aws_iam_role_policy_attachment.deploy["dev"]
  to   = aws_iam_role_policy_attachment.build["dev-deploy"]
}

moved {
  from = aws_iam_role_policy_attachment.deploy["staging"]
  to   = aws_iam_role_policy_attachment.build["staging-deploy"]
}

moved {
  from = aws_iam_role_policy_attachment.deploy["prod"]
  to   = aws_iam_role_policy_attachment.build["prod-deploy"]
}
