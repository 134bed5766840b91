"""Calls to AWS: what is tried again, how long, and what comes out of it."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from card_tracking.adapters.alert_outbox import LEASE_MARGIN_SECONDS
from card_tracking.adapters.clients import CONFIG
from card_tracking.adapters.retries import (
    ATTEMPTS,
    BUSY_CODES,
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    batches_of,
    batches_within,
    insist,
    insist_in_batches,
    invoke,
)
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyBusy, DependencyFailed, OutOfTime
from card_tracking.use_cases.publish import PUBLISHING_SECONDS

SECRET = "4111111111111111"
BUSY = DependencyBusy("call", "Throttled")


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the pauses instead of making them."""
    made: list[float] = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


def refusing(error: BaseException) -> Callable[[], None]:
    """Make an AWS operation that raises."""

    def put_item() -> None:
        raise error

    return put_item


def client_error(code: str, status: int = 400) -> ClientError:
    """Make an error that AWS answered."""
    answer: Any = {"Error": {"Code": code, "Message": SECRET}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutItem")


@pytest.mark.parametrize(
    "error",
    [
        *[client_error(code) for code in sorted(BUSY_CODES)],
        client_error("Whatever", 500),
        client_error("Whatever", 503),
        ReadTimeoutError(endpoint_url=SECRET),
        ConnectTimeoutError(endpoint_url=SECRET),
        EndpointConnectionError(endpoint_url=SECRET),
        ConnectionClosedError(endpoint_url=SECRET),
    ],
)
def test_busy(error: Exception) -> None:
    """Throttling, a fault on the other side and everything of the network is worth another try."""
    with pytest.raises(DependencyBusy) as caught:
        invoke(refusing(error))
    assert caught.value.operation == "put_item"
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "error",
    [
        client_error("ValidationException"),
        client_error("AccessDeniedException"),
        client_error("ResourceNotFoundException", 404),
        NoCredentialsError(),
        ParamValidationError(report=SECRET),
        ClientError({}, "PutItem"),
    ],
)
def test_failed(error: Exception) -> None:
    """What another try cannot mend is told at once, by code and never with AWS's own text."""
    with pytest.raises(DependencyFailed) as caught:
        invoke(refusing(error))
    assert not isinstance(caught.value, DependencyBusy)
    assert caught.value.__suppress_context__
    assert SECRET not in str(caught.value)


def test_defects_are_not_translated() -> None:
    """An error that is none of AWS's is a defect of ours and stays one."""
    with pytest.raises(ZeroDivisionError):
        invoke(refusing(ZeroDivisionError()))


def test_result() -> None:
    """What the operation answers is returned."""
    assert invoke(lambda **request: request, TableName="t") == {"TableName": "t"}


class Attempts:
    """An attempt that does what a script says, and notes what it was asked to do."""

    def __init__(self, *script: Sequence[int] | Exception) -> None:
        """Return, or raise, these one after the other."""
        self.script = list(script)
        self.asked: list[Sequence[int]] = []

    def __call__(self, entries: Sequence[int]) -> Sequence[int]:
        """Do the next step of the script."""
        self.asked.append(list(entries))
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step


def test_done_at_once(pauses: list[float]) -> None:
    """What succeeds is asked once, without a pause."""
    attempt = Attempts([])
    insist(attempt, [1, 2], Deadline())
    assert (attempt.asked, pauses) == ([[1, 2]], [])


def test_what_is_left_undone_is_tried_again(pauses: list[float]) -> None:
    """Only what was left undone is tried again; a busy call leaves all of it undone."""
    attempt = Attempts(BUSY, [2, 3], [3], [])
    insist(attempt, [1, 2, 3], Deadline())
    assert attempt.asked == [[1, 2, 3], [1, 2, 3], [2, 3], [3]]
    assert len(pauses) == 3


def test_pauses_grow(pauses: list[float]) -> None:
    """Pauses are random, grow up to a bound, and there is none after the last attempt."""
    with pytest.raises(DependencyBusy):
        insist(Attempts(*[BUSY] * ATTEMPTS), [1], Deadline())
    assert len(pauses) == ATTEMPTS - 1
    for number, pause in enumerate(pauses):
        full = min(LONGEST_PAUSE_SECONDS, 0.05 * 2**number)
        assert full / 2 <= pause <= full


def test_gives_up() -> None:
    """After the last attempt the last reason is raised, also where only entries were left undone."""
    attempt = Attempts(*[DependencyBusy("call", str(number)) for number in range(ATTEMPTS)])
    with pytest.raises(DependencyBusy, match=f"call: {ATTEMPTS - 1}"):
        insist(attempt, [1], Deadline())
    with pytest.raises(DependencyBusy, match="EntriesLeftUndone"):
        insist(Attempts(*[[1]] * ATTEMPTS), [1], Deadline())
    with pytest.raises(DependencyBusy):
        insist(Attempts(BUSY, BUSY), [1], Deadline(), 2)


def test_failure_ends_it() -> None:
    """What cannot be mended is raised at once."""
    attempt = Attempts(BUSY, DependencyFailed("call", "AccessDenied"))
    with pytest.raises(DependencyFailed, match="AccessDenied"):
        insist(attempt, [1], Deadline())
    assert len(attempt.asked) == 2


def test_no_time_to_start() -> None:
    """Nothing is started without the time for it."""
    attempt = Attempts()
    with pytest.raises(OutOfTime):
        insist(attempt, [1], Deadline(lambda: 1_999))
    assert attempt.asked == []


def test_no_time_to_try_again(pauses: list[float]) -> None:
    """No pause is begun after which no attempt could start."""
    with pytest.raises(OutOfTime):
        insist(Attempts(BUSY), [1], Deadline(lambda: 2_010))
    assert pauses == []


def test_batches() -> None:
    """Every batch is insisted on."""
    done: list[int] = []
    failed_once: set[int] = set()

    def attempt(batch: Sequence[int]) -> Sequence[int]:
        if batch[0] not in failed_once:
            failed_once.add(batch[0])
            raise BUSY
        done.extend(batch)
        return []

    insist_in_batches(attempt, batches_of(3, range(20)), Deadline())
    assert sorted(done) == list(range(20))


def test_no_batches() -> None:
    """Without a batch nothing is asked: neither AWS nor the time left."""
    attempts = Attempts()
    insist_in_batches(attempts, [], Deadline(lambda: 0))
    assert attempts.asked == []


def test_one_batch_needs_no_thread() -> None:
    """A single batch runs where it is: most notifications have no more."""
    threads: list[threading.Thread] = []

    def attempt(batch: Sequence[int]) -> Sequence[int]:
        threads.append(threading.current_thread())
        return []

    insist_in_batches(attempt, [[1]], Deadline())
    assert threads == [threading.current_thread()]


def test_all_batches_are_tried_before_an_error() -> None:
    """A batch that fails keeps no other from being stored; its error is raised in the end."""
    done: list[int] = []

    def attempt(batch: Sequence[int]) -> Sequence[int]:
        if batch[0] == 0:
            raise DependencyFailed("call", "ValidationError")
        done.extend(batch)
        return []

    with pytest.raises(DependencyFailed, match="ValidationError"):
        insist_in_batches(attempt, batches_of(1, range(30)), Deadline())
    assert sorted(done) == list(range(1, 30))


def test_batches_of() -> None:
    """Entries are cut into runs in their order."""
    assert batches_of(2, [1, 2, 3, 4, 5]) == [[1, 2], [3, 4], [5]]
    assert batches_of(2, []) == []


def test_batches_within() -> None:
    """Runs keep to a number and to a total measure; what is too large by itself stands alone."""
    cut = batches_within(3, 10, [4, 4, 4, 1, 1, 1, 1, 99, 2], lambda entry: entry)
    assert cut == [[4, 4], [4, 1, 1], [1, 1], [99], [2]]
    assert batches_within(3, 10, [], lambda entry: entry) == []


def test_time_is_the_modules_own() -> None:
    """The tests above pause nowhere: the clock they replace is the one that is used."""
    started = time.monotonic()
    with pytest.raises(DependencyBusy):
        insist(Attempts(*[BUSY] * ATTEMPTS), [1], Deadline())
    assert time.monotonic() - started < 1


def test_a_round_ends_before_its_lease() -> None:
    """Publishing for as long as allowed and then marking with every retry takes less than what a lease has left."""
    call = CONFIG.connect_timeout + CONFIG.read_timeout  # type: ignore[attr-defined]  # the stubs leave them out
    pauses = sum(min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**number) for number in range(ATTEMPTS - 1))
    assert PUBLISHING_SECONDS + call + ATTEMPTS * call + pauses < LEASE_MARGIN_SECONDS
