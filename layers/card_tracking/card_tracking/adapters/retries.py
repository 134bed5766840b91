"""Calls to AWS: errors translated once, what was left undone tried again, batches side by side."""

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Final, ParamSpec, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as AWSConnectionError

from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyBusy, DependencyFailed, OutOfTime

ATTEMPTS: Final = 8
FIRST_PAUSE_SECONDS: Final = 0.05
LONGEST_PAUSE_SECONDS: Final = 2.0
THREADS: Final = 8
"""Batches under way at once: they hide the network's time, the interpreter lock allows no more than that."""

BUSY_CODES: Final = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "KMSThrottling",
        "KMSThrottlingException",
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflict",
        "TransactionConflictException",
    }
)
"""Error codes after which the same request can succeed, of a whole call or of one entry in a batch's answer."""

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Entry = TypeVar("Entry")


def invoke(operation: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
    """Call an AWS operation once.

    Raises DependencyBusy where trying again can help, DependencyFailed where it cannot. The AWS error itself is not
    chained: its text can repeat what was sent.
    """
    name = getattr(operation, "__name__", "call")
    try:
        return operation(*args, **kwargs)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "Unknown")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        failure = (
            DependencyBusy if code in BUSY_CODES or status >= HTTPStatus.INTERNAL_SERVER_ERROR else DependencyFailed
        )
        raise failure(name, code) from None
    except (AWSConnectionError, HTTPClientError) as error:
        raise DependencyBusy(name, type(error).__name__) from None
    except BotoCoreError as error:
        raise DependencyFailed(name, type(error).__name__) from None


def insist(
    attempt: Callable[[Sequence[Entry]], Sequence[Entry]],
    entries: Sequence[Entry],
    deadline: Deadline,
    attempts: int = ATTEMPTS,
) -> None:
    """Attempt ``entries`` until ``attempt`` returns none as left undone, with growing, random pauses.

    Raises DependencyBusy after the last attempt, OutOfTime where the time does not allow the next one, and whatever
    else ``attempt`` raises at once.
    """
    busy = DependencyBusy("batch", "EntriesLeftUndone")
    attempted = 0
    while True:
        deadline.check()
        try:
            entries = attempt(entries)
        except DependencyBusy as error:
            busy = error
        else:
            if not entries:
                return
        attempted += 1
        if attempted == attempts:
            raise busy
        pause = random.uniform(0.5, 1.0) * min(  # noqa: S311  # spreads load, keeps no secret
            LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (attempted - 1)
        )
        if not deadline.allows(pause):
            raise OutOfTime("too little time is left to try again")
        time.sleep(pause)


def insist_in_batches(
    attempt: Callable[[Sequence[Entry]], Sequence[Entry]],
    batches: Sequence[Sequence[Entry]],
    deadline: Deadline,
    attempts: int = ATTEMPTS,
) -> None:
    """Insist on every batch, several at a time. All are tried before the first error is raised."""
    if len(batches) == 1:
        insist(attempt, batches[0], deadline, attempts)
    elif batches:
        with ThreadPoolExecutor(min(THREADS, len(batches))) as threads:
            tries = [threads.submit(insist, attempt, batch, deadline, attempts) for batch in batches]
        for one in tries:
            one.result()


def batches_of(size: int, entries: Sequence[Entry]) -> list[Sequence[Entry]]:
    """Cut entries into runs of ``size`` at most."""
    return [entries[start : start + size] for start in range(0, len(entries), size)]


def batches_within(
    size: int, most_bytes: int, entries: Sequence[Entry], measure: Callable[[Entry], int]
) -> list[Sequence[Entry]]:
    """Cut entries into runs of ``size`` at most whose measures add up to ``most_bytes`` at most."""
    batches: list[list[Entry]] = []
    used = 0
    for entry in entries:
        length = measure(entry)
        if not batches or len(batches[-1]) == size or used + length > most_bytes:
            batches.append([])
            used = 0
        batches[-1].append(entry)
        used += length
    return list(batches)
