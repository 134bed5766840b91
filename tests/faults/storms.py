"""Storms: everything goes wrong at random, again and again, until D1 has its answer and the outbox is empty."""

import random
from dataclasses import dataclass

from tests.faults.cases import live_through
from tests.faults.scenarios import ALL, Scenario
from tests.faults.world import new_world
from tests.proof.engines import TableEngine
from tests.proof.faults import Fault
from tests.proof.invocations import Call, Plan


@dataclass(frozen=True, slots=True)
class Storm:
    """One scenario in one storm, the same for the same seed."""

    seed: int

    @property
    def scenario(self) -> Scenario:
        """Return the scenario that the storm comes over."""
        return ALL[self.seed % len(ALL)]

    def __str__(self) -> str:
        """Name the storm for a report."""
        return f"{self.scenario.name}: storm {self.seed}"

    def plan(self) -> Plan:
        """Strike calls at random, more of them in some storms than in others."""
        chance = random.Random(self.seed)  # noqa: S311  # repeatable, not secret
        density = chance.uniform(0.05, 0.4)
        faults = tuple(Fault)

        def strike(call: Call) -> Fault | None:
            del call
            return chance.choice(faults) if chance.random() < density else None

        return strike


def losses_in_storm(engine: TableEngine, storm: Storm) -> list[str]:
    """Live through a storm; return what was lost."""
    with new_world(engine) as world:
        plan = storm.plan()
        return live_through(world, storm.scenario, plan, plan)
