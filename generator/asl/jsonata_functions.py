"""The names of the functions of JSONata.

Sources: https://docs.jsonata.org and, for those that Step Functions adds,
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

from typing import Final

JSONATA_FUNCTIONS: Final = frozenset({
    "abs", "append", "assert", "average", "base64decode", "base64encode", "boolean", "ceil", "contains", "count", "decodeUrl",
    "decodeUrlComponent", "distinct", "each", "encodeUrl", "encodeUrlComponent", "error", "exists", "filter", "floor", "formatBase",
    "formatInteger", "formatNumber", "fromMillis", "join", "keys", "length", "lookup", "lowercase", "map", "match", "max", "merge",
    "millis", "min", "not", "now", "number", "pad", "parseInteger", "power", "reduce", "replace", "reverse", "round", "shuffle", "sift",
    "single", "sort", "split", "spread", "sqrt", "string", "substring", "substringAfter", "substringBefore", "sum", "toMillis", "trim",
    "type", "uppercase", "zip",
    "hash", "parse", "partition", "random", "range", "uuid",
})  # fmt: skip
"""The functions of JSONata, and in the last line those of Step Functions. ``eval`` is not one: AWS refuses it."""
