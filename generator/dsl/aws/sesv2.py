"""Amazon SES: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "send_bulk_email",
    "send_email",
]


def send_bulk_email(
    *,
    DefaultContent: Mapping[str, Payload] | Expr,
    BulkEmailEntries: Sequence[Mapping[str, Payload] | Expr] | Expr,
    FromEmailAddress: str | Expr | None = None,
    FromEmailAddressIdentityArn: str | Expr | None = None,
    ReplyToAddresses: Sequence[str | Expr] | Expr | None = None,
    FeedbackForwardingEmailAddress: str | Expr | None = None,
    FeedbackForwardingEmailAddressIdentityArn: str | Expr | None = None,
    DefaultEmailTags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    ConfigurationSetName: str | Expr | None = None,
    EndpointId: str | Expr | None = None,
    TenantName: str | Expr | None = None,
    ConfigurationOverrides: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Compose an email message to multiple destinations.

    Resource: ``aws-sdk:sesv2:sendBulkEmail``.
    Result: ``BulkEmailEntryResults``.

    Args:
        DefaultContent: an object that contains the body of the message.
        BulkEmailEntries: the list of bulk email entry objects.
        FromEmailAddress: the email address to use as the "From" address for the email.
        FromEmailAddressIdentityArn: this parameter is used only for sending authorization.
        ReplyToAddresses: the "Reply-to" email addresses for the message.
        FeedbackForwardingEmailAddress: the address that you want bounce and complaint notifications to be sent to.
        FeedbackForwardingEmailAddressIdentityArn: this parameter is used only for sending authorization.
        DefaultEmailTags: a list of tags, in the form of name/value pairs, to apply to an email that you send using the ``SendEmail`` …
        ConfigurationSetName: the name of the configuration set to use when sending the email.
        EndpointId: the ID of the multi-region endpoint (global-endpoint).
        TenantName: the name of the tenant through which this bulk email will be sent.
        ConfigurationOverrides: an object that overrides, for the messages in this request only, settings that would otherwise apply to them.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sesv2/client/send_bulk_email.html
    """
    return call("aws-sdk:sesv2:sendBulkEmail", locals())


def send_email(
    *,
    Content: Mapping[str, Payload] | Expr,
    FromEmailAddress: str | Expr | None = None,
    FromEmailAddressIdentityArn: str | Expr | None = None,
    Destination: Mapping[str, Payload] | Expr | None = None,
    ReplyToAddresses: Sequence[str | Expr] | Expr | None = None,
    FeedbackForwardingEmailAddress: str | Expr | None = None,
    FeedbackForwardingEmailAddressIdentityArn: str | Expr | None = None,
    EmailTags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    ConfigurationSetName: str | Expr | None = None,
    EndpointId: str | Expr | None = None,
    TenantName: str | Expr | None = None,
    ListManagementOptions: Mapping[str, Payload] | Expr | None = None,
    ConfigurationOverrides: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Send an email message.

    Resource: ``aws-sdk:sesv2:sendEmail``.
    Result: ``MessageId``.

    Args:
        Content: an object that contains the body of the message.
        FromEmailAddress: the email address to use as the "From" address for the email.
        FromEmailAddressIdentityArn: this parameter is used only for sending authorization.
        Destination: an object that contains the recipients of the email message.
        ReplyToAddresses: the "Reply-to" email addresses for the message.
        FeedbackForwardingEmailAddress: the address that you want bounce and complaint notifications to be sent to.
        FeedbackForwardingEmailAddressIdentityArn: this parameter is used only for sending authorization.
        EmailTags: a list of tags, in the form of name/value pairs, to apply to an email that you send using the ``SendEmail`` …
        ConfigurationSetName: the name of the configuration set to use when sending the email.
        EndpointId: the ID of the multi-region endpoint (global-endpoint).
        TenantName: the name of the tenant through which this email will be sent.
        ListManagementOptions: an object used to specify a list or topic to which an email belongs, which will be used when a contact …
        ConfigurationOverrides: an object that overrides, for this message only, settings that would otherwise apply to it.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sesv2/client/send_email.html
    """
    return call("aws-sdk:sesv2:sendEmail", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
