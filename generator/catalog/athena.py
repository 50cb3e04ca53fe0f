"""What a query of Athena touches with the caller's rights: the data catalogue, the data, and the place of its result.

The databases follow from the text of the SQL and from the context of the query. The tables of a database are not told apart: a view
reads other tables than its own. Where the data of a table are is in the catalogue, not in the query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from generator.asl.placeholders import PATTERN
from generator.catalog.patterns import UNKNOWN, Parameters
from generator.catalog.permissions import Allow

_CONNECT: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html"
_CATALOG: Final = "https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html"
DEFAULT_CATALOG: Final = "AwsDataCatalog"
DEFAULT_DATABASE: Final = "default"

_READS: Final = re.compile(r"\s*(?:SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|VALUES)\b(?!.*\b(?:INTO|UNLOAD)\b)", re.IGNORECASE | re.DOTALL)
_NAMES_TABLES: Final = re.compile(
    r"\s*\(?\s*(?:SELECT|WITH|INSERT|UNLOAD|DELETE|UPDATE|MERGE|EXPLAIN|VALUES|DESCRIBE|DESC|MSCK|CREATE\s+(?:EXTERNAL\s+)?TABLE|"
    r"CREATE\s+(?:OR\s+REPLACE\s+)?VIEW|(?:ALTER|DROP)\s+(?:TABLE|VIEW)|OPTIMIZE|VACUUM)\b",
    re.IGNORECASE,
)
_IGNORED: Final = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAME: Final = r"(?:\"[^\"]+\"|`[^`]+`|(?:" + PATTERN + r"|[\w\0-])+)"
_TABLE: Final = re.compile(
    rf"(?:\b(?:FROM|JOIN|INTO|UPDATE|USING|TABLE|VIEW|DESCRIBE|DESC|OPTIMIZE|VACUUM)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?|,\s*)"
    rf"({_NAME}(?:\.{_NAME})*)(?!\s*\()",
    re.IGNORECASE,
)
_READS_OF: Final = {
    "database": "GetDatabase GetDatabases",
    "table": "BatchGetPartition GetPartition GetPartitions GetTable GetTables",
}
_PARTITIONS: Final = "BatchCreatePartition CreatePartition UpdatePartition UpdateTable"
_WRITES_OF: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    (r"UNLOAD\b", {}),
    (r"(?:INSERT|MERGE|UPDATE|DELETE|OPTIMIZE|VACUUM)\b", {"table": _PARTITIONS}),
    (r"CREATE\s+(?:EXTERNAL\s+)?TABLE\b|CREATE\s+(?:OR\s+REPLACE\s+)?VIEW\b", {"table": f"CreateTable {_PARTITIONS}"}),
    (r"(?:MSCK|ALTER\s+(?:TABLE|VIEW))\b", {"table": f"BatchDeletePartition DeletePartition {_PARTITIONS}"}),
    (r"DROP\s+(?:TABLE|VIEW)\b", {"table": "BatchDeletePartition BatchDeleteTable DeletePartition DeleteTable"}),
    (
        "",
        {
            "database": "CreateDatabase UpdateDatabase",
            "table": f"BatchDeletePartition BatchDeleteTable CreateTable DeletePartition DeleteTable {_PARTITIONS}",
            "function": "DeleteDatabase",
        },
    ),
)
"""What a statement that begins in this way changes in the catalogue; the first that fits, the last one for all others."""
_KINDS: Final = {
    "database": ("database/{}",),
    "table": ("database/{}", "table/{}/*"),
    "function": ("database/{}", "table/{}/*", "userDefinedFunction/{}/*"),
}
"""The kinds of resources that the actions of Glue are done to, by the innermost one."""


def query_rows(parameters: Parameters) -> tuple[Allow, ...]:
    """Return what a query needs beside the permission to start it.

    Args:
        parameters: the parameters of `StartQueryExecution`.
    """
    statements = parameters.texts("QueryString")
    reads_only = bool(statements) and all(_READS.match(sql) for sql in statements)
    known = reads_only and bool(parameters.texts("ResultConfiguration.OutputLocation")) and not parameters.open
    write = "s3:AbortMultipartUpload s3:ListMultipartUploadParts s3:PutObject"
    on_bucket = "s3:GetBucketLocation s3:ListBucketMultipartUploads"
    if not reads_only:
        on_bucket += " s3:CreateBucket"
    where = "the workgroup, or the SQL text, says where results go"
    note = "Write the result with the caller's rights"
    result: tuple[Allow, ...]
    if known:
        location = "{ResultConfiguration.OutputLocation|"
        result = (
            Allow(write, f"s3:::{location}s3below}}", note=note, source=_CONNECT),
            Allow(on_bucket, f"s3:::{location}s3bucket}}", note=note, source=_CONNECT),
        )
    else:
        result = (Allow(f"{write} {on_bucket}", "s3:::*", note=note, broad=where, source=_CONNECT),)
    return (
        Allow(
            "s3:GetBucketLocation s3:GetObject s3:ListBucket",
            "s3:::*",
            note="Read the data with the caller's rights",
            broad="the data catalogue knows where the data of a table are",
            source=_CONNECT,
        ),
        *result,
        Allow("athena:GetDataCatalog", "athena:datacatalog/{QueryExecutionContext.Catalog=" + DEFAULT_CATALOG + "}", source=_CONNECT),
        *_catalog_rows(parameters, statements, reads_only=reads_only),
        Allow("lakeformation:GetDataAccess", note="Read data that Lake Formation governs", source=_CONNECT),
    )


def _catalog_rows(parameters: Parameters, statements: list[str], *, reads_only: bool) -> Iterator[Allow]:
    note = "Use the data catalogue with the caller's rights"
    catalogs = parameters.texts("QueryExecutionContext.Catalog", DEFAULT_CATALOG)
    found = None if any(one.lower() != DEFAULT_CATALOG.lower() for one in catalogs) else databases(parameters, statements)
    why = "" if found is not None else "the databases that the query touches are not known"
    names = ["*"] if found is None else [name.replace(UNKNOWN, "{?Database}") for name in found]
    writes = [] if reads_only else [_writes(sql) for sql in statements or [UNKNOWN]]
    for kind, forms in _KINDS.items():
        listed = " ".join((_READS_OF.get(kind, ""), *(one.get(kind, "") for one in writes)))
        actions = " ".join(f"glue:{action}" for action in dict.fromkeys(listed.split()))
        resources = tuple("glue:" + form.format(name) for name in names for form in forms)
        if actions:
            unique = tuple(dict.fromkeys(one.replace("/*/*", "/*") for one in resources))
            yield Allow(actions, ("glue:catalog", *unique), note=note, broad=why, source=_CATALOG)
    if found is not None and DEFAULT_DATABASE not in names:
        # Athena looks at the database `default` whatever the query is about.
        yield Allow("glue:GetDatabase", ("glue:catalog", f"glue:database/{DEFAULT_DATABASE}"), note=note, source=_CATALOG)


def _writes(sql: str) -> dict[str, str]:
    return next(changes for begin, changes in _WRITES_OF if re.match(rf"\s*(?:{begin})", sql, re.IGNORECASE))


def databases(parameters: Parameters, statements: list[str]) -> list[str] | None:
    """Return the databases that statements touch, sorted; None if they do not show them.

    >>> from generator.catalog.patterns import Parameters
    >>> query = Parameters({"QueryExecutionContext": {"Database": "sales"}}, "JSONata")
    >>> databases(query, ["SELECT * FROM orders JOIN stock.items USING (id)"])
    ['sales', 'stock']
    """
    own = parameters.texts("QueryExecutionContext.Database", DEFAULT_DATABASE)
    found: set[str] = set()
    for sql in statements:
        if not _NAMES_TABLES.match(sql):
            return None
        text = _IGNORED.sub("''", sql)
        tables = [[part.strip('"`') for part in re.findall(_NAME, name)] for name in _TABLE.findall(text)]
        for parts in tables:
            qualified = len(parts) > 1 and _is_table(text, parts)
            found |= {_lower(parts[-2])} if qualified else {_lower(one) for one in own}
    return sorted(found or {_lower(one) for one in own})


def _is_table(text: str, parts: list[str]) -> bool:
    """Return whether a name with a dot behind a comma is that of a table, and not a column of one with an alias."""
    alias = re.escape(parts[0])
    return not re.search(
        rf"(?:[\w\0\"`}}]|\))\s+(?:AS\s+)?[\"`]?{alias}[\"`]?\s*(?:,|\)|\Z|\b(?:ON|USING|WHERE|GROUP|ORDER|JOIN|LEFT|"
        rf"RIGHT|INNER|FULL|CROSS|LIMIT|SET|WHEN|UNION|HAVING)\b)",
        text,
        re.IGNORECASE,
    ) and not re.search(
        rf"\b(?:FROM|JOIN|INTO|,)\s+[\"`]?{alias}[\"`]?\s*(?:,|\)|\Z|\b(?:ON|USING|WHERE|GROUP|ORDER|JOIN|LEFT|RIGHT|INNER|FULL|CROSS|LIMIT)\b)",
        text,
        re.IGNORECASE,
    )


def _lower(name: str) -> str:
    """Write a name as Glue does: in lower case."""
    return name if "$" in name else name.lower()
