"""The laws of order, on the whole handler: event in, table and topic behind it, whatever the order and the bodies."""

import itertools
import json
from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faults.scenarios import RENEWED, Operation, body, failure, operation, shipped
from tests.faults.world import World, new_world
from tests.proof.engines import TableEngine
from tests.proof.expectations import content_of, statuses_after

EXAMPLES = settings.default.max_examples if settings.default else 0
PROVING = EXAMPLES > 1_000
"""Or every sixth of the orders will do."""
ALERTING = ("DATA_EXCEPTION", "CARD_PROD_CANCELED")
LIFE = (
    operation("a", "CARD_PROD_REQUESTED", inputFileName="batch.json"),
    failure("a"),
    operation("a", "DATA_PREPARED", details={"dueDate": "2026-01-20"}),
    operation("a", "CARD_PROD_READY"),
    shipped("a", "2026-01-20T10:00:00Z"),
)


def life_of(card_id: str, **renewal: str) -> list[Operation]:
    """Return all that can be told of one production: every update has a place of its own."""
    stages = ("CARD_PROD_REQUESTED", "DATA_PREPARED", "CARD_PROD_READY", "CARD_PROD_ONGOING", "CARD_PROD_DONE")
    return [
        *(operation(card_id, stage, **renewal) for stage in (*stages, "CARD_PROD_CANCELED")),
        failure(card_id, **renewal),
        *(shipped(card_id, f"2026-02-0{day}T10:00:00Z", **renewal) for day in (1, 2)),
    ]


TOLD = [
    one
    for card_id in ("a", "b")
    for renewal in ({}, {"operationId": "renew-1", "startTime": RENEWED})
    for one in life_of(card_id, **renewal)
]
HISTORIES = st.lists(st.sampled_from(range(len(TOLD))), min_size=1, max_size=8, unique=True)


@st.composite
def deliveries(draw: st.DrawFn) -> list[list[Operation]]:
    """Draw a history, and bodies that tell all of it: in any order, overlapping, and some of it again."""
    history = draw(HISTORIES)
    again = draw(st.lists(st.sampled_from(history), max_size=4))
    told = draw(st.permutations([*history, *again]))
    ends = draw(st.sets(st.integers(1, len(told)), max_size=3)) | {len(told)}
    return [[TOLD[one] for one in told[start:end]] for start, end in itertools.pairwise(sorted({0, *ends}))]


def tell(world: World, bodies: Sequence[Sequence[Operation]]) -> None:
    """Deliver, and hold what is in the world then against what the same updates give in a row."""
    codes = [world.deliver(body(*one)) for one in bodies]
    assert codes == [204] * len(bodies)
    every = [one for of_body in bodies for one in of_body]
    expected = statuses_after((body(*every),))
    stored = world.statuses(world.all_cards())
    assert {card: content_of(status) for card, status in stored.items()} == {
        card: content_of(status) for card, status in expected.items()
    }
    causes = {(one["cardId"], one["operationId"], one["details"]["status"]) for one in every}
    assert Counter(cause[:3] for cause in world.published()) == Counter(one for one in causes if one[2] in ALERTING)
    assert sum(world.recorded().values(), Counter[str]()) == Counter(json.dumps(one, sort_keys=True) for one in every)
    assert [violation for invocation in world.invocations for violation in invocation.violations] == []


# A delivery takes a thousand times as long as a merge.
@settings(max_examples=max(25, EXAMPLES // 10))
@given(bodies=deliveries())
def test_any_order_any_bodies_any_repetition(engine: TableEngine, bodies: list[list[Operation]]) -> None:
    """However a history is told, the statuses are the same, each cause is alerted once, each delivery is recorded."""
    with new_world(engine) as world:
        tell(world, bodies)


def test_every_order_of_a_life_with_a_failure(engine: TableEngine) -> None:
    """All 120 orders, a request each: the card is shipped, and its failure was alerted once."""
    for order in itertools.islice(itertools.permutations(LIFE), 0, None, 1 if PROVING else 6):
        with new_world(engine) as world:
            tell(world, [[one] for one in order])
            assert world.statuses(["a"])["a"].shown.status == "CARD_SHIPPED"
