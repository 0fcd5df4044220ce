"""How a queue says no: codes and texts of Amazon's queue service, in both its protocols."""

# Code of the JSON protocol -> code of the older query protocol, where it is another one.
QUERY_CODES = {
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
    "QueueNameExists": "QueueAlreadyExists",
    "EmptyBatchRequest": "AWS.SimpleQueueService.EmptyBatchRequest",
    "TooManyEntriesInBatchRequest": "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
    "InvalidBatchEntryId": "AWS.SimpleQueueService.InvalidBatchEntryId",
    "BatchEntryIdsNotDistinct": "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
    "BatchRequestTooLong": "AWS.SimpleQueueService.BatchRequestTooLong",
    "MessageNotInflight": "AWS.SimpleQueueService.MessageNotInflight",
    "PurgeQueueInProgress": "AWS.SimpleQueueService.PurgeQueueInProgress",
    "UnsupportedOperation": "AWS.SimpleQueueService.UnsupportedOperation",
}


class QueueError(Exception):
    """A call to a queue that is refused; `code` is that of the JSON protocol."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    @property
    def query_code(self) -> str:
        """Give the code of the query protocol."""
        return QUERY_CODES.get(self.code, self.code)


def missing(name: str) -> QueueError:
    """Refuse a call without a parameter that it needs."""
    return QueueError("MissingParameter", f"The request must contain the parameter {name}.")


def invalid(message: str) -> QueueError:
    """Refuse a value."""
    return QueueError("InvalidParameterValue", message)
