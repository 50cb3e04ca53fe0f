"""The names of services, actions, parameters and errors in Step Functions: those of the AWS SDK for Java 2.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html (API naming conventions), and
the naming rules of the AWS SDK for Java 2, which Step Functions uses: capitals at the beginning count as one word.
"""

from __future__ import annotations

import re

_AFFIXES = re.compile(r"^(?:Amazon|AWS)\s+|\s+Service$")


def service(service_id: str) -> str:
    """Return the name of the service in `arn:aws:states:::aws-sdk:<service>:<action>` from its serviceId.

    >>> service("Cognito Identity Provider"), service("Directory Service"), service("SFN")
    ('cognitoidentityprovider', 'directory', 'sfn')
    """
    return re.sub(r"[^a-z0-9]", "", _AFFIXES.sub("", service_id).lower())


def action(operation: str) -> str:
    """Return an API operation in camel case.

    >>> action("DescribeDBInstances"), action("GetObject")
    ('describeDBInstances', 'getObject')
    """
    return _uncapitalize(operation)


def parameter(member: str) -> str:
    """Return the name of a member of an API structure in Step Functions.

    >>> [parameter(name) for name in ("stateMachineArn", "DBInstanceIdentifier", "SSEKMSKeyId", "ETag", "ContentMD5")]
    ['StateMachineArn', 'DbInstanceIdentifier', 'SsekmsKeyId', 'ETag', 'ContentMD5']
    """
    name = _uncapitalize(member)
    return name[:1].upper() + name[1:]


def error_prefix(service_id: str) -> str:
    """Return the part of the error names of a service before the dot.

    >>> [error_prefix(name) for name in ("DynamoDB", "ACM PCA", "S3", "S3Tables", "SESv2", "WAFV2")]
    ['DynamoDb', 'AcmPca', 'S3', 'S3Tables', 'SesV2', 'Wafv2']
    """
    text = re.sub(r"[^A-Za-z0-9]+", " ", _AFFIXES.sub("", service_id))
    text = re.sub(r"([A-Z]{2,})v(?=[0-9])", r"\1 V", text)  # a version is a word of its own, and what follows a number begins one
    text = re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z][a-zA-Z0-9])", " ", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    return "".join(word[:1].upper() + word[1:].lower() for word in text.split())


def _uncapitalize(name: str) -> str:
    """Change the capitals at the beginning to lower case, except the one that begins the next word."""
    index = 1
    while index < len(name) and name[index].isupper() and not (index + 1 < len(name) and name[index + 1].islower()):
        index += 1
    return name[:index].lower() + name[index:]
