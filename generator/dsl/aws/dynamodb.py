"""DynamoDB: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "batch_execute_statement",
    "batch_get_item",
    "batch_write_item",
    "delete_item",
    "describe_table",
    "execute_statement",
    "execute_transaction",
    "get_item",
    "put_item",
    "query",
    "scan",
    "transact_get_items",
    "transact_write_items",
    "update_item",
]


def batch_execute_statement(
    *,
    Statements: Sequence[Mapping[str, Payload] | Expr] | Expr,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
) -> Integration:
    """Run several statements in PartiQL, each on its own.

    Resource: ``aws-sdk:dynamodb:batchExecuteStatement``.
    Result: ``Responses``, ``ConsumedCapacity``.

    Args:
        Statements: the list of PartiQL statements representing the batch to run.
        ReturnConsumedCapacity: see the reference.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/dynamodb/client/batch_execute_statement.html
    """
    return call("aws-sdk:dynamodb:batchExecuteStatement", locals())


def batch_get_item(
    *,
    RequestItems: Mapping[str, Mapping[str, Payload] | Expr] | Expr,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
) -> Integration:
    """Read up to 100 items from one or more tables.

    Resource: ``aws-sdk:dynamodb:batchGetItem``.
    Result: ``Responses``, ``UnprocessedKeys``, ``ConsumedCapacity``.

    Args:
        RequestItems: a map of one or more table names or table ARNs and, for each table, a map that describes one or more items …
        ReturnConsumedCapacity: see the reference.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/dynamodb/client/batch_get_item.html
    """
    return call("aws-sdk:dynamodb:batchGetItem", locals())


def batch_write_item(
    *,
    RequestItems: Mapping[str, Payload] | Expr,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
    ReturnItemCollectionMetrics: Literal["SIZE", "NONE"] | Expr | None = None,
) -> Integration:
    """Put or delete up to 25 items in one or more tables.

    Resource: ``aws-sdk:dynamodb:batchWriteItem``.
    Result: ``UnprocessedItems``, ``ItemCollectionMetrics``, ``ConsumedCapacity``.

    Args:
        RequestItems: a map of one or more table names or table ARNs and, for each table, a list of operations to be performed …
        ReturnConsumedCapacity: see the reference.
        ReturnItemCollectionMetrics: determines whether item collection metrics are returned.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/dynamodb/client/batch_write_item.html
    """
    return call("aws-sdk:dynamodb:batchWriteItem", locals())


def delete_item(
    *,
    TableName: str | Expr,
    Key: Mapping[str, Mapping[str, Payload] | Expr] | Expr,
    Expected: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    ConditionalOperator: Literal["AND", "OR"] | Expr | None = None,
    ReturnValues: Literal["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"] | Expr | None = None,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
    ReturnItemCollectionMetrics: Literal["SIZE", "NONE"] | Expr | None = None,
    ConditionExpression: str | Expr | None = None,
    ExpressionAttributeNames: Mapping[str, str | Expr] | Expr | None = None,
    ExpressionAttributeValues: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    ReturnValuesOnConditionCheckFailure: Literal["ALL_OLD", "NONE"] | Expr | None = None,
) -> Integration:
    """Delete a single item in a table by primary key.

    Resource: ``dynamodb:deleteItem``.
    Result: ``Attributes``, ``ConsumedCapacity``, ``ItemCollectionMetrics``.

    Args:
        TableName: the name of the table from which to delete the item.
        Key: a map of attribute names to ``AttributeValue`` objects, representing the primary key of the item to delete.
        Expected: this is a legacy parameter.
        ConditionalOperator: this is a legacy parameter.
        ReturnValues: use ``ReturnValues`` if you want to get the item attributes as they appeared before they were deleted.
        ReturnConsumedCapacity: see the reference.
        ReturnItemCollectionMetrics: determines whether item collection metrics are returned.
        ConditionExpression: a condition that must be satisfied in order for a conditional ``DeleteItem`` to succeed.
        ExpressionAttributeNames: one or more substitution tokens for attribute names in an expression.
        ExpressionAttributeValues: one or more values that can be substituted in an expression.
        ReturnValuesOnConditionCheckFailure: an optional parameter that returns the item attributes for a ``DeleteItem`` operation that failed a …

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
    """
    return call("dynamodb:deleteItem", locals(), "dynamodb:deleteItem")


def describe_table(
    *,
    TableName: str | Expr,
) -> Integration:
    """Return information about the table, including the current status of the table, when it was created, the …

    Resource: ``aws-sdk:dynamodb:describeTable``.
    Result: ``Table``.

    Args:
        TableName: the name of the table to describe.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/dynamodb/client/describe_table.html
    """
    return call("aws-sdk:dynamodb:describeTable", locals())


def execute_statement(
    *,
    Statement: str | Expr,
    Parameters: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    ConsistentRead: bool | Expr | None = None,
    NextToken: str | Expr | None = None,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
    Limit: int | Expr | None = None,
    ReturnValuesOnConditionCheckFailure: Literal["ALL_OLD", "NONE"] | Expr | None = None,
) -> Integration:
    """Run a statement in PartiQL, which reads or writes single items.

    Resource: ``aws-sdk:dynamodb:executeStatement``.
    Result: ``Items``, ``NextToken``, ``ConsumedCapacity``, ``LastEvaluatedKey``.

    Args:
        Statement: the PartiQL statement representing the operation to run.
        Parameters: the parameters for the PartiQL statement, if any.
        ConsistentRead: the consistency of a read operation.
        NextToken: set this value to get remaining results, if ``NextToken`` was returned in the statement response.
        ReturnConsumedCapacity: see the reference.
        Limit: the maximum number of items to evaluate (not necessarily the number of matching items).
        ReturnValuesOnConditionCheckFailure: an optional parameter that returns the item attributes for an ``ExecuteStatement`` operation that failed a …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/dynamodb/client/execute_statement.html
    """
    return call("aws-sdk:dynamodb:executeStatement", locals())


def execute_transaction(
    *,
    TransactStatements: Sequence[Mapping[str, Payload] | Expr] | Expr,
    ClientRequestToken: str | Expr | None = None,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
) -> Integration:
    """Run several statements in PartiQL, all or none.

    Resource: ``aws-sdk:dynamodb:executeTransaction``.
    Result: ``Responses``, ``ConsumedCapacity``.

    Args:
        TransactStatements: the list of PartiQL statements representing the transaction to run.
        ClientRequestToken: set this value to get remaining results, if ``NextToken`` was returned in the statement response.
        ReturnConsumedCapacity: determines the level of detail about either provisioned or on-demand throughput consumption that is …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/dynamodb/client/execute_transaction.html
    """
    return call("aws-sdk:dynamodb:executeTransaction", locals())


def get_item(
    *,
    TableName: str | Expr,
    Key: Mapping[str, Mapping[str, Payload] | Expr] | Expr,
    AttributesToGet: Sequence[str | Expr] | Expr | None = None,
    ConsistentRead: bool | Expr | None = None,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
    ProjectionExpression: str | Expr | None = None,
    ExpressionAttributeNames: Mapping[str, str | Expr] | Expr | None = None,
) -> Integration:
    """Read the attributes of the item with a primary key.

    Resource: ``dynamodb:getItem``.
    Result: ``Item``, ``ConsumedCapacity``.

    Args:
        TableName: the name of the table containing the requested item.
        Key: a map of attribute names to ``AttributeValue`` objects, representing the primary key of the item to retrieve.
        AttributesToGet: this is a legacy parameter.
        ConsistentRead: determines the read consistency model: If set to ``true``, then the operation uses strongly consistent …
        ReturnConsumedCapacity: see the reference.
        ProjectionExpression: a string that identifies one or more attributes to retrieve from the table.
        ExpressionAttributeNames: one or more substitution tokens for attribute names in an expression.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
    """
    return call("dynamodb:getItem", locals(), "dynamodb:getItem")


def put_item(
    *,
    TableName: str | Expr,
    Item: Mapping[str, Mapping[str, Payload] | Expr] | Expr,
    Expected: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    ReturnValues: Literal["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"] | Expr | None = None,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
    ReturnItemCollectionMetrics: Literal["SIZE", "NONE"] | Expr | None = None,
    ConditionalOperator: Literal["AND", "OR"] | Expr | None = None,
    ConditionExpression: str | Expr | None = None,
    ExpressionAttributeNames: Mapping[str, str | Expr] | Expr | None = None,
    ExpressionAttributeValues: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    ReturnValuesOnConditionCheckFailure: Literal["ALL_OLD", "NONE"] | Expr | None = None,
) -> Integration:
    """Create an item, or replace the item with the same key.

    Resource: ``dynamodb:putItem``.
    Result: ``Attributes``, ``ConsumedCapacity``, ``ItemCollectionMetrics``.

    Args:
        TableName: the name of the table to contain the item.
        Item: a map of attribute name/value pairs, one for each attribute.
        Expected: this is a legacy parameter.
        ReturnValues: use ``ReturnValues`` if you want to get the item attributes as they appeared before they were updated with …
        ReturnConsumedCapacity: see the reference.
        ReturnItemCollectionMetrics: determines whether item collection metrics are returned.
        ConditionalOperator: this is a legacy parameter.
        ConditionExpression: a condition that must be satisfied in order for a conditional ``PutItem`` operation to succeed.
        ExpressionAttributeNames: one or more substitution tokens for attribute names in an expression.
        ExpressionAttributeValues: one or more values that can be substituted in an expression.
        ReturnValuesOnConditionCheckFailure: an optional parameter that returns the item attributes for a ``PutItem`` operation that failed a condition …

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
    """
    return call("dynamodb:putItem", locals(), "dynamodb:putItem")


def query(
    *,
    TableName: str | Expr,
    IndexName: str | Expr | None = None,
    Select: Literal["ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT"] | Expr | None = None,
    AttributesToGet: Sequence[str | Expr] | Expr | None = None,
    Limit: int | Expr | None = None,
    ConsistentRead: bool | Expr | None = None,
    KeyConditions: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    QueryFilter: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    ConditionalOperator: Literal["AND", "OR"] | Expr | None = None,
    ScanIndexForward: bool | Expr | None = None,
    ExclusiveStartKey: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
    ProjectionExpression: str | Expr | None = None,
    FilterExpression: str | Expr | None = None,
    KeyConditionExpression: str | Expr | None = None,
    ExpressionAttributeNames: Mapping[str, str | Expr] | Expr | None = None,
    ExpressionAttributeValues: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
) -> Integration:
    """Find the items with a partition key, in a table or an index, one page at a time.

    Resource: ``aws-sdk:dynamodb:query``.
    Result: ``Items``, ``Count``, ``ScannedCount``, ``LastEvaluatedKey``, ``ConsumedCapacity``.

    Args:
        TableName: the name of the table containing the requested items.
        IndexName: the name of an index to query.
        Select: the attributes to be returned in the result.
        AttributesToGet: this is a legacy parameter.
        Limit: the maximum number of items to evaluate (not necessarily the number of matching items).
        ConsistentRead: determines the read consistency model: If set to ``true``, then the operation uses strongly consistent …
        KeyConditions: this is a legacy parameter.
        QueryFilter: this is a legacy parameter.
        ConditionalOperator: this is a legacy parameter.
        ScanIndexForward: specifies the order for index traversal: If ``true`` (default), the traversal is performed in ascending …
        ExclusiveStartKey: the primary key of the first item that this operation will evaluate.
        ReturnConsumedCapacity: see the reference.
        ProjectionExpression: a string that identifies one or more attributes to retrieve from the table.
        FilterExpression: a string that contains conditions that DynamoDB applies after the ``Query`` operation, but before the data …
        KeyConditionExpression: the condition that specifies the key values for items to be retrieved by the ``Query`` action.
        ExpressionAttributeNames: one or more substitution tokens for attribute names in an expression.
        ExpressionAttributeValues: one or more values that can be substituted in an expression.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/dynamodb/client/query.html
    """
    return call("aws-sdk:dynamodb:query", locals())


def scan(
    *,
    TableName: str | Expr,
    IndexName: str | Expr | None = None,
    AttributesToGet: Sequence[str | Expr] | Expr | None = None,
    Limit: int | Expr | None = None,
    Select: Literal["ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT"] | Expr | None = None,
    ScanFilter: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    ConditionalOperator: Literal["AND", "OR"] | Expr | None = None,
    ExclusiveStartKey: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
    TotalSegments: int | Expr | None = None,
    Segment: int | Expr | None = None,
    ProjectionExpression: str | Expr | None = None,
    FilterExpression: str | Expr | None = None,
    ExpressionAttributeNames: Mapping[str, str | Expr] | Expr | None = None,
    ExpressionAttributeValues: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    ConsistentRead: bool | Expr | None = None,
) -> Integration:
    """Read all items of a table or an index, one page at a time.

    Resource: ``aws-sdk:dynamodb:scan``.
    Result: ``Items``, ``Count``, ``ScannedCount``, ``LastEvaluatedKey``, ``ConsumedCapacity``.

    Args:
        TableName: the name of the table containing the requested items or if you provide ``IndexName``, the name of the table …
        IndexName: the name of a secondary index to scan.
        AttributesToGet: this is a legacy parameter.
        Limit: the maximum number of items to evaluate (not necessarily the number of matching items).
        Select: the attributes to be returned in the result.
        ScanFilter: this is a legacy parameter.
        ConditionalOperator: this is a legacy parameter.
        ExclusiveStartKey: the primary key of the first item that this operation will evaluate.
        ReturnConsumedCapacity: see the reference.
        TotalSegments: for a parallel ``Scan`` request, ``TotalSegments`` represents the total number of segments into which the …
        Segment: for a parallel ``Scan`` request, ``Segment`` identifies an individual segment to be scanned by an …
        ProjectionExpression: a string that identifies one or more attributes to retrieve from the specified table or index.
        FilterExpression: a string that contains conditions that DynamoDB applies after the ``Scan`` operation, but before the data …
        ExpressionAttributeNames: one or more substitution tokens for attribute names in an expression.
        ExpressionAttributeValues: one or more values that can be substituted in an expression.
        ConsistentRead: a Boolean value that determines the read consistency model during the scan.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/dynamodb/client/scan.html
    """
    return call("aws-sdk:dynamodb:scan", locals())


def transact_get_items(
    *,
    TransactItems: Sequence[Mapping[str, Payload] | Expr] | Expr,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
) -> Integration:
    """Read up to 100 items at one point in time.

    Resource: ``aws-sdk:dynamodb:transactGetItems``.
    Result: ``ConsumedCapacity``, ``Responses``.

    Args:
        TransactItems: an ordered array of up to 100 ``TransactGetItem`` objects, each of which contains a ``Get`` structure.
        ReturnConsumedCapacity: a value of ``TOTAL`` causes consumed capacity information to be returned, and a value of ``NONE`` prevents …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/dynamodb/client/transact_get_items.html
    """
    return call("aws-sdk:dynamodb:transactGetItems", locals())


def transact_write_items(
    *,
    TransactItems: Sequence[Mapping[str, Payload] | Expr] | Expr,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
    ReturnItemCollectionMetrics: Literal["SIZE", "NONE"] | Expr | None = None,
    ClientRequestToken: str | Expr | None = None,
) -> Integration:
    """Write up to 100 items, all or none.

    Resource: ``aws-sdk:dynamodb:transactWriteItems``.
    Result: ``ConsumedCapacity``, ``ItemCollectionMetrics``.

    Args:
        TransactItems: an ordered array of up to 100 ``TransactWriteItem`` objects, each of which contains a ``ConditionCheck`` …
        ReturnConsumedCapacity: see the reference.
        ReturnItemCollectionMetrics: determines whether item collection metrics are returned.
        ClientRequestToken: providing a ``ClientRequestToken`` makes the call to ``TransactWriteItems`` idempotent, meaning that …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/dynamodb/client/transact_write_items.html
    """
    return call("aws-sdk:dynamodb:transactWriteItems", locals())


def update_item(
    *,
    TableName: str | Expr,
    Key: Mapping[str, Mapping[str, Payload] | Expr] | Expr,
    AttributeUpdates: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    Expected: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    ConditionalOperator: Literal["AND", "OR"] | Expr | None = None,
    ReturnValues: Literal["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"] | Expr | None = None,
    ReturnConsumedCapacity: Literal["INDEXES", "TOTAL", "NONE"] | Expr | None = None,
    ReturnItemCollectionMetrics: Literal["SIZE", "NONE"] | Expr | None = None,
    UpdateExpression: str | Expr | None = None,
    ConditionExpression: str | Expr | None = None,
    ExpressionAttributeNames: Mapping[str, str | Expr] | Expr | None = None,
    ExpressionAttributeValues: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    ReturnValuesOnConditionCheckFailure: Literal["ALL_OLD", "NONE"] | Expr | None = None,
) -> Integration:
    """Edit the attributes of an item, or create it.

    Resource: ``dynamodb:updateItem``.
    Result: ``Attributes``, ``ConsumedCapacity``, ``ItemCollectionMetrics``.

    Args:
        TableName: the name of the table containing the item to update.
        Key: the primary key of the item to be updated.
        AttributeUpdates: this is a legacy parameter.
        Expected: this is a legacy parameter.
        ConditionalOperator: this is a legacy parameter.
        ReturnValues: use ``ReturnValues`` if you want to get the item attributes as they appear before or after they are …
        ReturnConsumedCapacity: see the reference.
        ReturnItemCollectionMetrics: determines whether item collection metrics are returned.
        UpdateExpression: an expression that defines one or more attributes to be updated, the action to be performed on them, and …
        ConditionExpression: a condition that must be satisfied in order for a conditional update to succeed.
        ExpressionAttributeNames: one or more substitution tokens for attribute names in an expression.
        ExpressionAttributeValues: one or more values that can be substituted in an expression.
        ReturnValuesOnConditionCheckFailure: an optional parameter that returns the item attributes for an ``UpdateItem`` operation that failed a …

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
    """
    return call("dynamodb:updateItem", locals(), "dynamodb:updateItem")


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
