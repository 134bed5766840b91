"""Every rehearsal, and what came of it by alarm."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from local.template import load_template
from tests.alarms import of_alerts, of_d1, of_services
from tests.alarms.deployed import Deployed
from tests.alarms.parameters import PARAMETERS
from tests.alarms.rehearsal import REHEARSALS, Measured, Rehearsal, in_words, rehearse
from tests.alarms.stage import ordinary_past
from tests.proof.engines import TableEngine
from tests.template.transformed import Stack, transformed

LISTED_BY: Final = (of_services, of_alerts, of_d1)
"""The modules that list rehearsals, as they are imported."""
NOT_REHEARSED: Final[Mapping[str, str]] = {}
"""The alarms that cannot be rehearsed, each with its reason."""


def rehearse_all(engine: TableEngine) -> Iterator[tuple[Rehearsal, Measured]]:
    """Play every rehearsal on the template as it is deployed."""
    deployed = deployed_template()
    past = ordinary_past(engine, deployed)
    for rehearsal in REHEARSALS:
        yield rehearsal, rehearse(rehearsal, engine, deployed, past)


def deployed_template() -> Deployed:
    """Return the template as it is deployed with everything optional."""
    return Deployed(transformed(load_template()), PARAMETERS)


def alarms_of(stack: Stack) -> set[str]:
    """Name the alarms of the template, whatever the parameters."""
    return set(stack.of_type("AWS::CloudWatch::Alarm"))


def documented_row(stack: Stack, alarm: str, measured: Mapping[Rehearsal, Measured]) -> str:
    """Write the row of an alarm in the table of the operations guide."""
    of_alarm = {rehearsal: one for rehearsal, one in measured.items() if rehearsal.alarm == alarm}
    (anchor,) = re.findall(r"#([a-z-]+)$", stack.properties(alarm)["AlarmDescription"]["Fn::Sub"])
    heading = anchor.replace("-", " ").capitalize()
    cells = (
        f"[{heading}](#{anchor})",
        "; ".join(rehearsal.cause for rehearsal in of_alarm),
        in_words(max(one.fires_within for one in of_alarm.values())),
        in_words(max(one.clears_within for one in of_alarm.values())),
    )
    return f"| {' | '.join(cells)} |"


def times_to_fire(measured: Sequence[tuple[Rehearsal, Measured]]) -> str:
    """Write for each alarm within which time it has fired."""
    slowest: dict[str, int] = {}
    for rehearsal, one in measured:
        slowest[rehearsal.alarm] = max(slowest.get(rehearsal.alarm, 0), one.fires_within)
    return ", ".join(f"{name.removesuffix('Alarm')} {in_words(minutes)}" for name, minutes in sorted(slowest.items()))
