"""What was sent, answered and sent again."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from math import ceil

from local.d1.resending import Reply
from local.d1.script import Message


class Tally:
    """Counts the calls of a run, from several threads."""

    def __init__(self, messages: Sequence[Message]) -> None:
        """Begin now."""
        self._messages = len(messages)
        self._operations = sum(len(message.operations) for message in messages)
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._took = 0.0
        self._answers: Counter[str] = Counter()
        self._latencies: list[float] = []
        self._resent: Counter[str] = Counter()
        self._done = 0
        self.wrong: list[str] = []
        """Messages whose last answer was not the one that they must have, a line each."""

    def add(self, number: int, message: Message, reply: Reply, *, final: bool) -> None:
        """Count one call; ``final`` says that the message is not sent again."""
        with self._lock:
            self._answers[reply.name] += 1
            self._latencies.append(reply.seconds)
            self._took = time.monotonic() - self._started
            if not final:
                self._resent[reply.name] += 1
                return
            self._done += 1
            if reply.status != message.answer:
                came = f"{reply.name} ({reply.detail})" if reply.detail else reply.name
                self.wrong.append(f"message {number}: answered {came}, not {message.answer}: {_summary(message)}")

    def progress(self) -> str:
        """Tell in a line how far it is."""
        with self._lock:
            lines = [f"{self._done} of {self._messages} messages answered"]
            if self._resent:
                lines.append(f"{self._resent.total()} sent again")
            if self.wrong:
                lines.append(f"{len(self.wrong)} answered wrongly")
            return ", ".join(lines)

    def lines(self) -> list[str]:
        """Tell in some lines how it was."""
        sent = self._answers.total()
        rate = sent / self._took if self._took else 0.0
        resent = f"{self._resent.total()}{_listed(self._resent)}"
        return [
            f"sent      {self._messages} messages with {self._operations} operations, in {self._took:.1f} s",
            f"answered  {sent} calls, {rate:.0f} a second{_listed(self._answers)}",
            f"resent    {resent}",
            "latency   " + ", ".join(f"{name} {value * 1000:.0f} ms" for name, value in self._percentiles()),
        ]

    def _percentiles(self) -> list[tuple[str, float]]:
        ordered = sorted(self._latencies) or [0.0]
        shares = (("median", 0.5), ("90 %", 0.9), ("99 %", 0.99), ("longest", 1.0))
        return [(name, ordered[ceil(share * len(ordered)) - 1]) for name, share in shares]


def _listed(counts: Counter[str]) -> str:
    told = ", ".join(f"{number} times {name}" for name, number in sorted(counts.items()))
    return f": {told}" if told else ""


def _summary(message: Message) -> str:
    beginning = message.body[:60].decode(errors="replace")
    return f"{beginning}…" if len(message.body) > len(beginning) else beginning
