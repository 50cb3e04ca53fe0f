"""The API of AWS Step Functions on a laptop: all operations of the service, on the engine of this project.

:class:`~generator.local.stepfunctions.service.StepFunctions` is the service. :mod:`~generator.local.stepfunctions.wire` makes it an
endpoint that boto3, the AWS CLI and Terraform can call.
"""
