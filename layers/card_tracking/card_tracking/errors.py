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


class AnswerRefused(CardTrackingError):
    """D1 answered about another card, or for another issuer, than it was asked about; nothing of it is stored."""


class InvalidQuery(CardTrackingError):
    """A question that cannot be answered as it was asked; the message says what is wrong with it."""


class DependencyFailed(CardTrackingError):
    """AWS or D1 did not do what was asked, after every retry that made sense.

    The message names the operation and the error code, never a value that was sent. ``connected`` is False if there was
    no connection to send a request on.
    """

    def __init__(self, operation: str, code: str, *, connected: bool = True) -> None:
        super().__init__(f"{operation}: {code}")
        self.operation = operation
        self.code = code
        self.connected = connected


class DependencyBusy(DependencyFailed):
    """The same, where trying again can help: throttling, a time-out, a lost connection, a fault on the other side.

    ``retry_after_seconds`` is how long the other side asks to be left alone; 0 where it does not say.
    """

    def __init__(self, operation: str, code: str, retry_after_seconds: float = 0.0, *, connected: bool = True) -> None:
        super().__init__(operation, code, connected=connected)
        self.retry_after_seconds = retry_after_seconds


class D1Unavailable(DependencyFailed):
    """D1 can be asked about no card: it gives no token, cannot be reached, refuses us, or asks us to slow down."""


class OutOfTime(CardTrackingError):
    """Too little of the invocation is left to start another call."""
