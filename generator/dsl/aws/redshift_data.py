"""the Redshift Data API: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "batch_execute_statement",
    "describe_statement",
    "execute_statement",
    "get_statement_result",
]


def batch_execute_statement(
    *,
    Sqls: Sequence[str | Expr] | Expr,
    ClusterIdentifier: str | Expr | None = None,
    SecretArn: str | Expr | None = None,
    DbUser: str | Expr | None = None,
    Database: str | Expr | None = None,
    WithEvent: bool | Expr | None = None,
    StatementName: str | Expr | None = None,
    Parameters: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    WorkgroupName: str | Expr | None = None,
    ClientToken: str | Expr | None = None,
    ResultFormat: Literal["JSON", "CSV"] | Expr | None = None,
    SessionKeepAliveSeconds: int | Expr | None = None,
    SessionId: str | Expr | None = None,
    ExecutionMode: Literal["TRANSACTION", "AUTO_COMMIT"] | Expr | None = None,
    WaitTimeSeconds: int | Expr | None = None,
) -> Integration:
    """Run one or more SQL statements, which can be data manipulation language (DML) or data definition language …

    Resource: ``aws-sdk:redshiftdata:batchExecuteStatement``.
    Result: ``Id``, ``CreatedAt``, ``ClusterIdentifier``, ``DbUser``, ``DbGroups``, ``Database``, ``SecretArn``, ``WorkgroupName``, ….

    Args:
        Sqls: one or more SQL statements to run.
        ClusterIdentifier: the cluster identifier.
        SecretArn: the name or ARN of the secret that enables access to the database.
        DbUser: the database user name.
        Database: the name of the database.
        WithEvent: a value that indicates whether to send an event to the Amazon EventBridge event bus after the SQL …
        StatementName: the name of the SQL statements.
        Parameters: the parameters for the SQL statements.
        WorkgroupName: the serverless workgroup name or Amazon Resource Name (ARN).
        ClientToken: a unique, case-sensitive identifier that you provide to ensure the idempotency of the request.
        ResultFormat: the data format of the result of the SQL statement.
        SessionKeepAliveSeconds: the number of seconds to keep the session alive after the query finishes.
        SessionId: the session identifier of the query.
        ExecutionMode: determines how the SQL statements in the batch are run.
        WaitTimeSeconds: the number of seconds to wait for all SQL statements in the batch to complete execution before returning …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/redshift-data/client/batch_execute_statement.html
    """
    return call("aws-sdk:redshiftdata:batchExecuteStatement", locals())


def describe_statement(
    *,
    Id: str | Expr,
    WaitTimeSeconds: int | Expr | None = None,
) -> Integration:
    """Describe the details about a specific instance when a query was run by the Amazon Redshift Data API.

    Resource: ``aws-sdk:redshiftdata:describeStatement``.
    Result: ``Id``, ``SecretArn``, ``DbUser``, ``Database``, ``ClusterIdentifier``, ``Duration``, ``Error``, ``Status``, ….

    Args:
        Id: the identifier of the SQL statement to describe.
        WaitTimeSeconds: the number of seconds to wait for the SQL statement to complete execution before returning the description.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/redshift-data/client/describe_statement.html
    """
    return call("aws-sdk:redshiftdata:describeStatement", locals())


def execute_statement(
    *,
    Sql: str | Expr,
    ClusterIdentifier: str | Expr | None = None,
    SecretArn: str | Expr | None = None,
    DbUser: str | Expr | None = None,
    Database: str | Expr | None = None,
    WithEvent: bool | Expr | None = None,
    StatementName: str | Expr | None = None,
    Parameters: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    WorkgroupName: str | Expr | None = None,
    ClientToken: str | Expr | None = None,
    ResultFormat: Literal["JSON", "CSV"] | Expr | None = None,
    SessionKeepAliveSeconds: int | Expr | None = None,
    SessionId: str | Expr | None = None,
    WaitTimeSeconds: int | Expr | None = None,
) -> Integration:
    """Run an SQL statement, which can be data manipulation language (DML) or data definition language (DDL).

    Resource: ``aws-sdk:redshiftdata:executeStatement``.
    Result: ``Id``, ``CreatedAt``, ``ClusterIdentifier``, ``DbUser``, ``DbGroups``, ``Database``, ``SecretArn``, ``WorkgroupName``, ….

    Args:
        Sql: the SQL statement text to run.
        ClusterIdentifier: the cluster identifier.
        SecretArn: the name or ARN of the secret that enables access to the database.
        DbUser: the database user name.
        Database: the name of the database.
        WithEvent: a value that indicates whether to send an event to the Amazon EventBridge event bus after the SQL statement …
        StatementName: the name of the SQL statement.
        Parameters: the parameters for the SQL statement.
        WorkgroupName: the serverless workgroup name or Amazon Resource Name (ARN).
        ClientToken: a unique, case-sensitive identifier that you provide to ensure the idempotency of the request.
        ResultFormat: the data format of the result of the SQL statement.
        SessionKeepAliveSeconds: the number of seconds to keep the session alive after the query finishes.
        SessionId: the session identifier of the query.
        WaitTimeSeconds: the number of seconds to wait for the SQL statement to complete execution before returning the response.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/redshift-data/client/execute_statement.html
    """
    return call("aws-sdk:redshiftdata:executeStatement", locals())


def get_statement_result(
    *,
    Id: str | Expr,
    NextToken: str | Expr | None = None,
    WaitTimeSeconds: int | Expr | None = None,
) -> Integration:
    """Fetch the temporarily cached result of an SQL statement in JSON format.

    Resource: ``aws-sdk:redshiftdata:getStatementResult``.
    Result: ``Records``, ``ColumnMetadata``, ``TotalNumRows``, ``NextToken``.

    Args:
        Id: the identifier of the SQL statement whose results are to be fetched.
        NextToken: a value that indicates the starting point for the next set of response records in a subsequent request.
        WaitTimeSeconds: the number of seconds to wait for the SQL statement to complete execution before returning the result.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/redshift-data/client/get_statement_result.html
    """
    return call("aws-sdk:redshiftdata:getStatementResult", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
