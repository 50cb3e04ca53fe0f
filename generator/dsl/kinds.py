"""The kinds of values that functions return, as far as it is known before the workflow runs.

Python's ``+`` joins texts and adds numbers; JSONata and JSONPath have two operators for this. So the kind of a side decides.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["text", "number", "boolean", "list", "object", "null", "time"]
"""What a value is. A time is a point in time that is compared, not its text."""

_OF: Final[dict[Kind, str]] = {
    "text": (
        "format string uuid join lowercase uppercase trim base64_encode base64_decode hash now json_string as_string"
        " $substring $substringBefore $substringAfter $uppercase $lowercase $trim $pad $join $replace $string $base64encode"
        " $base64decode $encodeUrl $encodeUrlComponent $decodeUrl $decodeUrlComponent $formatNumber $formatBase $formatInteger"
        " $fromMillis $now $uuid $hash $type"
    ),
    "number": (
        "length sum min max number random millis as_number floor ceil round abs power"
        " $abs $floor $ceil $round $power $sqrt $random $number $parseInteger $sum $max $min $average $count $length $millis $toMillis"
    ),
    "boolean": (
        "exists is_null is_string is_number is_boolean is_timestamp matches contains not as_boolean $boolean $not $exists $contains"
    ),
    "list": "array partition range unique map filter split $append $reverse $shuffle $distinct $split $zip $range $partition",
    "object": "merge $merge",
    "time": "as_timestamp",
}

KIND_OF_FUNCTION: Final[dict[str, Kind]] = {name: kind for kind, names in _OF.items() for name in names.split()}
"""The kind of the result of a function of ``fn``, and (with ``$``) of a function of JSONata, by its name."""

KIND_IN_CONTEXT: Final[dict[tuple[str, ...], Kind]] = {
    ("Execution", "Id"): "text",
    ("Execution", "Name"): "text",
    ("Execution", "RoleArn"): "text",
    ("Execution", "StartTime"): "text",
    ("Execution", "RedriveCount"): "number",
    ("State", "EnteredTime"): "text",
    ("State", "Name"): "text",
    ("State", "RetryCount"): "number",
    ("StateMachine", "Id"): "text",
    ("StateMachine", "Name"): "text",
    ("Task", "Token"): "text",
    ("Map", "Item", "Index"): "number",
}
"""The kind of each field of the Context object, by its path.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
"""

CALLED: Final[dict[Kind, str]] = {
    "text": "text",
    "number": "a number",
    "boolean": "a boolean",
    "list": "a list",
    "object": "an object",
    "null": "null",
    "time": "a time",
}
"""Each kind in words."""
