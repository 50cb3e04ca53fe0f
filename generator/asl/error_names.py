"""The error names that Step Functions and its service integrations define.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html and, for Lambda's transient
errors, https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
"""

from typing import Final

ALL: Final = "States.ALL"
TASK_FAILED: Final = "States.TaskFailed"
TIMEOUT: Final = "States.Timeout"
HEARTBEAT_TIMEOUT: Final = "States.HeartbeatTimeout"
PERMISSIONS: Final = "States.Permissions"
RUNTIME: Final = "States.Runtime"
DATA_LIMIT_EXCEEDED: Final = "States.DataLimitExceeded"
QUERY_EVALUATION_ERROR: Final = "States.QueryEvaluationError"
BRANCH_FAILED: Final = "States.BranchFailed"
NO_CHOICE_MATCHED: Final = "States.NoChoiceMatched"
INTRINSIC_FAILURE: Final = "States.IntrinsicFailure"
PARAMETER_PATH_FAILURE: Final = "States.ParameterPathFailure"
RESULT_PATH_MATCH_FAILURE: Final = "States.ResultPathMatchFailure"
ITEM_READER_FAILED: Final = "States.ItemReaderFailed"
RESULT_WRITER_FAILED: Final = "States.ResultWriterFailed"
EXCEED_TOLERATED_FAILURE_THRESHOLD: Final = "States.ExceedToleratedFailureThreshold"
HTTP_SOCKET: Final = "States.Http.Socket"
HTTP_STATUS_PREFIX: Final = "States.Http.StatusCode."
"""The errors of an HTTP task: the prefix and the status. Source:
https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html#call-https-apis-errors"""

RESERVED_PREFIX: Final = "States."
"""Error names with this prefix belong to Step Functions."""

RESERVED: Final = (
    ALL,
    BRANCH_FAILED,
    DATA_LIMIT_EXCEEDED,
    EXCEED_TOLERATED_FAILURE_THRESHOLD,
    HEARTBEAT_TIMEOUT,
    HTTP_SOCKET,
    INTRINSIC_FAILURE,
    ITEM_READER_FAILED,
    NO_CHOICE_MATCHED,
    PARAMETER_PATH_FAILURE,
    PERMISSIONS,
    QUERY_EVALUATION_ERROR,
    RESULT_PATH_MATCH_FAILURE,
    RESULT_WRITER_FAILED,
    RUNTIME,
    TASK_FAILED,
    TIMEOUT,
)
"""The error names that Step Functions itself reports.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation
and https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
"""

LAMBDA_TRANSIENT: Final = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
"""The errors that AWS advises to retry on every Lambda task."""
