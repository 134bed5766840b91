"""Metrics: each scenario of the table emits exactly the metrics that the table promises, with value and unit."""

import json
from typing import Any

import pytest

import metric_names
from tests.wiring.metric_scenarios import TABLE, UNITS, Scenario
from tests.wiring.stack import Stack


def emitted(output: str) -> dict[str, list[tuple[float, str]]]:
    """Read from the output every value of every metric, with its unit."""
    found: dict[str, list[tuple[float, str]]] = {}
    for line in output.splitlines():
        document: dict[str, Any] = json.loads(line)
        for definition in document.get("_aws", {}).get("CloudWatchMetrics", []):
            assert definition["Namespace"] == "CardTracking"
            assert definition["Dimensions"] == [["service"]]
            assert document["service"] == "card-tracking"
            for metric in definition["Metrics"]:
                values = [(value, metric["Unit"]) for value in document[metric["Name"]]]
                found.setdefault(metric["Name"], []).extend(values)
    return found


@pytest.mark.parametrize("scenario", TABLE, ids=lambda scenario: scenario.name)
def test_scenario_emits_exactly_its_metrics(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], scenario: Scenario
) -> None:
    """A handler emits each metric of a scenario once, with the value and the unit of the table, and no other."""
    step = scenario.prepare(stack, monkeypatch)
    capsys.readouterr()

    step()

    expected = {name: [(value, UNITS.get(name, "Count"))] for name, value in scenario.metrics.items()}
    assert emitted(capsys.readouterr().out) == expected


def test_every_metric_has_a_scenario() -> None:
    """Each metric of the list is emitted by a scenario of the table, with a value other than 0."""
    shown = {name for scenario in TABLE for name, value in scenario.metrics.items() if value}

    assert shown == metric_names.ALL
