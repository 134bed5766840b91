"""Everything this package raises on purpose."""


class CardTrackingError(Exception):
    """The root of the tree: catch it to catch all that this package raises on purpose."""


class UnreadableNotification(CardTrackingError):
    """The body is not a JSON object with a list of operations; nothing in it can be stored.

    ``reason`` is one of the codes of ``card_tracking.wire.rejections``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InvalidQuery(CardTrackingError):
    """A question that cannot be answered as it was asked; the message says what is wrong with it."""


class DependencyFailed(CardTrackingError):
    """The table, the topic or the queue did not do what was asked, after every retry that made sense.

    The message names the AWS operation and the AWS error code, never a value that was sent.
    """

    def __init__(self, operation: str, code: str) -> None:
        super().__init__(f"{operation}: {code}")
        self.operation = operation
        self.code = code


class DependencyBusy(DependencyFailed):
    """The same, where trying again can help: throttling, a time-out, a lost connection, a fault on the other side."""


class OutOfTime(CardTrackingError):
    """Too little of the invocation is left to start another call."""
