"""Sends the messages of a script: each at its time, several at once, lanes in order, and again where D1 would."""

import heapq
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from typing import Final

from local.d1.caller import Caller
from local.d1.resending import Resending
from local.d1.script import Message
from local.d1.tally import Tally

PROGRESS_SECONDS: Final = 1.0


class _Lane:
    """Messages of which the next leaves when the one before is done with."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[float, int, Message]] = deque()
        self.sent = 0
        """How often the first that waits was sent."""


class Dispatch:
    """One run through a script."""

    def __init__(self, messages: Sequence[Message], seconds: float, resending: Resending, tally: Tally) -> None:
        """Spread the messages over so many seconds, and write what happens into the tally."""
        self._resending = resending
        self._tally = tally
        self._changed = threading.Condition()
        self._lanes: list[tuple[float, int, _Lane]] = []
        """A heap of lanes by when their next message is due; one under way is not in it."""
        self._under_way = 0
        self._stopped = False
        self._fill(messages, seconds)

    def run(self, callers: Sequence[Caller], show: Callable[[], None]) -> None:
        """Send everything, each caller in a thread of its own; call ``show`` every second.

        Raises what a caller raises; the others then end after the call that they are in.
        """
        with ThreadPoolExecutor(len(callers)) as threads:
            work = [threads.submit(self._work, caller) for caller in callers]
            try:
                while wait(work, timeout=PROGRESS_SECONDS).not_done:
                    show()
            finally:
                self._stop()
        for one in work:
            one.result()

    def _fill(self, messages: Sequence[Message], seconds: float) -> None:
        started = time.monotonic()
        lanes: dict[str, _Lane] = {}
        for number, message in enumerate(messages):
            at = message.at if message.at is not None else number / len(messages)
            lane = lanes.setdefault(message.lane or f"#{number}", _Lane())
            lane.waiting.append((started + at * seconds, number, message))
        for lane in lanes.values():
            self._enqueue(lane, lane.waiting[0][0])

    def _enqueue(self, lane: _Lane, due: float) -> None:
        # The number of its next message keeps lanes that are due at once in order, and the heap from comparing lanes.
        heapq.heappush(self._lanes, (due, lane.waiting[0][1], lane))

    def _work(self, caller: Caller) -> None:
        with closing(caller):
            try:
                while (lane := self._take()) is not None:
                    self._send(caller, lane)
            except BaseException:
                self._stop()
                raise

    def _take(self) -> _Lane | None:
        """Wait for a lane that is due; None where all is done."""
        with self._changed:
            while not self._stopped and (self._lanes or self._under_way):
                pause = self._lanes[0][0] - time.monotonic() if self._lanes else None
                if pause is not None and pause <= 0:
                    self._under_way += 1
                    return heapq.heappop(self._lanes)[2]
                self._changed.wait(pause)
            return None

    def _send(self, caller: Caller, lane: _Lane) -> None:
        _, number, message = lane.waiting[0]
        reply = caller.call(number, message)
        lane.sent += 1
        pause = self._resending.wait(reply, lane.sent) if reply.status != message.answer else None
        self._tally.add(number, message, reply, final=pause is None)
        with self._changed:
            self._under_way -= 1
            if pause is not None:
                self._enqueue(lane, time.monotonic() + pause)
            else:
                lane.waiting.popleft()
                lane.sent = 0
                if lane.waiting:
                    self._enqueue(lane, lane.waiting[0][0])
            self._changed.notify_all()

    def _stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
