"""Every alarm is rehearsed: it fires for its cause within the time that the operations guide says, and clears."""

from collections.abc import Callable
from typing import Final

import pytest

from local.engine import ROOT
from tests.alarms.all_rehearsals import NOT_REHEARSED, alarms_of, deployed_template, documented_row
from tests.alarms.deployed import Deployed
from tests.alarms.ordinary import DAYS
from tests.alarms.parameters import PARAMETERS
from tests.alarms.rehearsal import REHEARSALS, Measured, Rehearsal, false_alarms, in_words, rehearse
from tests.alarms.stage import Stage, new_stage
from tests.proof.engines import TableEngine
from tests.template.rules import complaints

OPERATIONS: Final = (ROOT / "docs/operations.md").read_text()
TABLE: Final = OPERATIONS.split("\n### When alarms fire\n")[1].split("\n### ")[0]
ALARMS: Final = sorted(alarms_of(deployed_template().stack))

Results = dict[Rehearsal, Measured]


def play(rehearsal: Rehearsal, engine: TableEngine, deployed: Deployed, past: Stage, measured: Results) -> Measured:
    """Play a rehearsal, unless it has been played."""
    if rehearsal not in measured:
        measured[rehearsal] = rehearse(rehearsal, engine, deployed, past)
    return measured[rehearsal]


def test_every_alarm_is_rehearsed(deployed: Deployed) -> None:
    """An alarm without a rehearsal is listed with its reason: see tests/alarms/of_*.py for how to write one."""
    rehearsed = {rehearsal.alarm for rehearsal in REHEARSALS}

    assert rehearsed | NOT_REHEARSED.keys() == alarms_of(deployed.stack)
    assert not rehearsed & NOT_REHEARSED.keys()


def test_the_stack_has_every_alarm(deployed: Deployed) -> None:
    """The parameters of the rehearsals can be deployed, and switch every alarm on."""
    assert complaints(deployed.stack, PARAMETERS) == []
    assert deployed.alarms().keys() == alarms_of(deployed.stack)


@pytest.mark.parametrize("rehearsal", REHEARSALS, ids=str)
def test_alarm_fires_and_clears(
    rehearsal: Rehearsal, engine: TableEngine, deployed: Deployed, past: Stage, measured: Results
) -> None:
    """The alarm fires for its cause and clears after it, however CloudWatch evaluates it; no other alarm fires."""
    assert play(rehearsal, engine, deployed, past, measured).failures == []


@pytest.mark.parametrize("alarm", ALARMS)
def test_times_are_those_of_the_guide(
    alarm: str, engine: TableEngine, deployed: Deployed, past: Stage, measured: Results
) -> None:
    """The operations guide has the causes that were rehearsed, and the times that were measured."""
    if alarm in NOT_REHEARSED:
        assert NOT_REHEARSED[alarm] in TABLE
        return
    for rehearsal in REHEARSALS:
        if rehearsal.alarm == alarm:
            play(rehearsal, engine, deployed, past, measured)

    row = documented_row(deployed.stack, alarm, measured)
    assert row in TABLE.splitlines(), f"docs/operations.md, When alarms fire, needs this row:\n{row}"


def test_the_guide_has_no_other_alarms() -> None:
    """The table has one row for each alarm."""
    rows = [line for line in TABLE.splitlines() if line.startswith("| [")]

    assert len(rows) == len(ALARMS)


@pytest.mark.parametrize("day", DAYS)
def test_no_alarm_on_an_ordinary_day(
    day: Callable[[Stage], None], engine: TableEngine, deployed: Deployed, past: Stage
) -> None:
    """Quiet, busy or a weekend: no alarm fires without a cause."""
    with new_stage(engine, deployed, past) as stage:
        day(stage)

    assert false_alarms(stage, DAYS[day]) == []


@pytest.mark.parametrize("alarm", ALARMS)
def test_every_metric_of_an_alarm_is_rehearsed(
    alarm: str, engine: TableEngine, deployed: Deployed, past: Stage, measured: Results
) -> None:
    """Each metric that an alarm looks at has data in one of its rehearsals: a misspelt one would never have any."""
    of_alarm = [rehearsal for rehearsal in REHEARSALS if rehearsal.alarm == alarm]
    with_data = {name for one in of_alarm for name in play(one, engine, deployed, past, measured).with_data}

    assert alarm in NOT_REHEARSED or with_data == deployed.alarms()[alarm].metrics.keys()


@pytest.mark.parametrize(
    ("minutes", "text"), [(6, "6 min"), (179, "179 min"), (180, "3 h"), (181, "4 h"), (4379, "73 h")]
)
def test_times_in_words(minutes: int, text: str) -> None:
    """Times are written in minutes, and from three hours on in full hours."""
    assert in_words(minutes) == text
