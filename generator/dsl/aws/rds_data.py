"""the RDS Data API: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "batch_execute_statement",
    "begin_transaction",
    "commit_transaction",
    "execute_statement",
    "rollback_transaction",
]


def batch_execute_statement(
    *,
    ResourceArn: str | Expr,
    SecretArn: str | Expr,
    Sql: str | Expr,
    Database: str | Expr | None = None,
    Schema: str | Expr | None = None,
    ParameterSets: Sequence[Payload] | Expr | None = None,
    TransactionId: str | Expr | None = None,
) -> Integration:
    """Run a batch SQL statement over an array of data.

    Resource: ``aws-sdk:rdsdata:batchExecuteStatement``.
    Result: ``UpdateResults``.

    Args:
        ResourceArn: the Amazon Resource Name (ARN) of the Aurora Serverless DB cluster.
        SecretArn: the ARN of the secret that enables access to the DB cluster.
        Sql: the SQL statement to run.
        Database: the name of the database.
        Schema: the name of the database schema.
        ParameterSets: the parameter set for the batch operation.
        TransactionId: the identifier of a transaction that was started by using the ``BeginTransaction`` operation.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/rds-data/client/batch_execute_statement.html
    """
    return call("aws-sdk:rdsdata:batchExecuteStatement", locals())


def begin_transaction(
    *,
    ResourceArn: str | Expr,
    SecretArn: str | Expr,
    Database: str | Expr | None = None,
    Schema: str | Expr | None = None,
) -> Integration:
    """Start a SQL transaction.

    Resource: ``aws-sdk:rdsdata:beginTransaction``.
    Result: ``TransactionId``.

    Args:
        ResourceArn: the Amazon Resource Name (ARN) of the Aurora Serverless DB cluster.
        SecretArn: the name or ARN of the secret that enables access to the DB cluster.
        Database: the name of the database.
        Schema: the name of the database schema.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/rds-data/client/begin_transaction.html
    """
    return call("aws-sdk:rdsdata:beginTransaction", locals())


def commit_transaction(
    *,
    ResourceArn: str | Expr,
    SecretArn: str | Expr,
    TransactionId: str | Expr,
) -> Integration:
    """End a SQL transaction started with the ``BeginTransaction`` operation and commits the changes.

    Resource: ``aws-sdk:rdsdata:commitTransaction``.
    Result: ``TransactionStatus``.

    Args:
        ResourceArn: the Amazon Resource Name (ARN) of the Aurora Serverless DB cluster.
        SecretArn: the name or ARN of the secret that enables access to the DB cluster.
        TransactionId: the identifier of the transaction to end and commit.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/rds-data/client/commit_transaction.html
    """
    return call("aws-sdk:rdsdata:commitTransaction", locals())


def execute_statement(
    *,
    ResourceArn: str | Expr,
    SecretArn: str | Expr,
    Sql: str | Expr,
    Database: str | Expr | None = None,
    Schema: str | Expr | None = None,
    Parameters: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    TransactionId: str | Expr | None = None,
    IncludeResultMetadata: bool | Expr | None = None,
    ContinueAfterTimeout: bool | Expr | None = None,
    ResultSetOptions: Mapping[str, Payload] | Expr | None = None,
    FormatRecordsAs: Literal["NONE", "JSON"] | Expr | None = None,
) -> Integration:
    """Run a SQL statement against a database.

    Resource: ``aws-sdk:rdsdata:executeStatement``.
    Result: ``Records``, ``ColumnMetadata``, ``NumberOfRecordsUpdated``, ``GeneratedFields``, ``FormattedRecords``.

    Args:
        ResourceArn: the Amazon Resource Name (ARN) of the Aurora Serverless DB cluster.
        SecretArn: the ARN of the secret that enables access to the DB cluster.
        Sql: the SQL statement to run.
        Database: the name of the database.
        Schema: the name of the database schema.
        Parameters: the parameters for the SQL statement.
        TransactionId: the identifier of a transaction that was started by using the ``BeginTransaction`` operation.
        IncludeResultMetadata: a value that indicates whether to include metadata in the results.
        ContinueAfterTimeout: a value that indicates whether to continue running the statement after the call times out.
        ResultSetOptions: options that control how the result set is returned.
        FormatRecordsAs: a value that indicates whether to format the result set as a single JSON string.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/rds-data/client/execute_statement.html
    """
    return call("aws-sdk:rdsdata:executeStatement", locals())


def rollback_transaction(
    *,
    ResourceArn: str | Expr,
    SecretArn: str | Expr,
    TransactionId: str | Expr,
) -> Integration:
    """Perform a rollback of a transaction.

    Resource: ``aws-sdk:rdsdata:rollbackTransaction``.
    Result: ``TransactionStatus``.

    Args:
        ResourceArn: the Amazon Resource Name (ARN) of the Aurora Serverless DB cluster.
        SecretArn: the name or ARN of the secret that enables access to the DB cluster.
        TransactionId: the identifier of the transaction to roll back.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/rds-data/client/rollback_transaction.html
    """
    return call("aws-sdk:rdsdata:rollbackTransaction", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
