"""The scenarios by name: each writes a script from a seed and a size, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from local.d1.draws import draws
from local.d1.scenarios.disorder import contradiction, duplicates, reordered, two_operations
from local.d1.scenarios.hostile import hostile
from local.d1.scenarios.lives import cancel, failure, lifecycle, shipment
from local.d1.scenarios.strange import malformed, unknown_status
from local.d1.scenarios.volume import bulk, order_batch, storm
from local.d1.script import Script


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario, and the size it has unless another is asked for."""

    write: Callable[[Random, int], Script]
    cards: int
    seconds: float = 0.0
    """Over which the messages are spread; 0 for as fast as they are answered."""

    @property
    def story(self) -> str:
        """Tell in a line what happens."""
        return (self.write.__doc__ or "").splitlines()[0]

    def script(self, name: str, seed: int, cards: int | None = None) -> Script:
        """Write it down: the same for the same seed and size, and unlike any other scenario's of that seed."""
        return self.write(draws(f"{name} {seed}"), cards or self.cards)


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "lifecycle": Scenario(lifecycle, cards=1),
    "failure": Scenario(failure, cards=1),
    "cancel": Scenario(cancel, cards=3),
    "shipment": Scenario(shipment, cards=1),
    "bulk": Scenario(bulk, cards=100),
    "order-batch": Scenario(order_batch, cards=1_000, seconds=60),
    "duplicates": Scenario(duplicates, cards=5),
    "reordered": Scenario(reordered, cards=10),
    "two-operations": Scenario(two_operations, cards=4),
    "unknown-status": Scenario(unknown_status, cards=5),
    "malformed": Scenario(malformed, cards=14),
    "storm": Scenario(storm, cards=200),
    "contradiction": Scenario(contradiction, cards=4),
    "hostile": Scenario(hostile, cards=1),
}
