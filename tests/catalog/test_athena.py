"""The databases that a query touches, and what it changes in the catalogue, from the text of its SQL."""

from __future__ import annotations

import pytest

from generator.catalog.athena import databases, query_rows
from generator.catalog.patterns import Parameters

CONTEXT = {"QueryExecutionContext": {"Database": "sales"}}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM orders", ["sales"]),
        ("SELECT o.id, c.name FROM orders o JOIN crm.customers c ON o.c = c.id WHERE c.x = 'from y.z'", ["crm", "sales"]),
        ("SELECT a, b.c FROM orders b, stock.items i", ["sales", "stock"]),
        ("WITH t AS (SELECT * FROM raw.events) SELECT * FROM t -- from other.t", ["raw", "sales"]),
        ('SELECT * FROM "Lake"."x"', ["lake"]),
        ("SELECT * FROM awsdatacatalog.lake.t", ["lake"]),
        ("INSERT INTO clean.orders SELECT * FROM raw.orders", ["clean", "raw"]),
        ("UNLOAD (SELECT * FROM a.b) TO 's3://x/'", ["a"]),
        ("CREATE TABLE ${database}.x AS SELECT * FROM y", ["${database}", "sales"]),
        ("SELECT count(*) FROM \0.orders WHERE d = '\0'", ["\0"]),
        ("SELECT EXTRACT(YEAR FROM o.ts) FROM orders o", ["sales"]),
        ("SELECT 1", ["sales"]),
        ("SHOW TABLES", None),
        ("\0", None),
    ],
)
def test_databases(sql: str, expected: list[str] | None) -> None:
    """A table without a database is in that of the context; what the SQL does not show is unknown."""
    assert databases(Parameters(CONTEXT, "JSONata"), [sql]) == expected


@pytest.mark.parametrize(
    ("sql", "written"),
    [
        ("SELECT * FROM t", False),
        ("UNLOAD (SELECT * FROM t) TO 's3://x/'", False),
        ("INSERT INTO t SELECT 1", True),
        ("DROP TABLE t", True),
        ("\0", True),
    ],
)
def test_only_statements_that_write_change_the_catalogue(sql: str, written: bool) -> None:
    """Nothing is deleted by a statement that inserts, and databases only by one that is unknown."""
    actions = {action for row in query_rows(Parameters({**CONTEXT, "QueryString": sql}, "JSONata")) for action in row.actions.split()}
    changing = {action for action in actions if action.startswith("glue:") and "Get" not in action}
    assert bool(changing - {"glue:BatchGetPartition"}) is written
    assert ("glue:DeleteTable" in actions) is (sql in {"DROP TABLE t", "\0"})
    assert ("glue:DeleteDatabase" in actions) is (sql == "\0")
