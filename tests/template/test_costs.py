"""The cost table of docs/operations.md: its sums are right, and it counts what there is."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import metric_names
from local.engine import ROOT
from tests.template.transformed import Stack

CENT: Final = Decimal("0.01")
COST: Final = (ROOT / "docs/operations.md").read_text().split("\n## Cost")[1].split("\n## ")[0]


def lines(heading: str) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """Read a table: for each line what it is, how many, the price of one, and what they cost."""
    table = COST.split(f"### {heading}")[1].split("\n#")[0]
    found = re.findall(r"^\| ([^|]+?) \| ([\d.]+)[^|]* \| ([\d.]+) \| ([\d.]+) \|$", table, re.MULTILINE)
    return [(what, Decimal(many), Decimal(price), Decimal(cost)) for what, many, price, cost in found]


def total(heading: str) -> Decimal:
    """Read the sum below a table."""
    found = re.search(r"\*\*together\*\* \|.*\*\*([\d.]+)\*\*", COST.split(f"### {heading}")[1].split("\n#")[0])
    assert found
    return Decimal(found[1])


def test_the_sums_are_right() -> None:
    """Each line is its number times its price, each total the sum of its lines."""
    for heading in ("A million notifications", "A month, whatever comes"):
        table = lines(heading)
        assert len(table) > 4
        for what, many, price, cost in table:
            assert (many * price).quantize(CENT, ROUND_HALF_UP) == cost, what
        assert sum(cost for *_, cost in table) == total(heading)


def test_writes_are_those_of_a_life() -> None:
    """A notification's write units are the mean of a card's life, which tests/performance measures."""
    life = re.search(r"\| the life of a card: six updates, a due date and an input file \| (\d+) \|", COST)
    (writes,) = [many for what, many, *_ in lines("A million notifications") if what.startswith("DynamoDB writes")]

    assert life
    assert writes == Decimal(life[1]) / 6


def test_what_is_counted_is_what_there_is(stack: Stack) -> None:
    """Metrics, alarms (billed by the metrics they are on) and secrets are those of code and template."""
    alarms = stack.of_type("AWS::CloudWatch::Alarm").values()
    on_alarms = sum(len([one for one in alarm.get("Metrics", [{}]) if "Expression" not in one]) for alarm in alarms)
    counted = {what: int(many) for what, many, *_ in lines("A month, whatever comes")}

    assert counted == {
        "Metrics": len(metric_names.ALL),
        "Metrics on alarms": on_alarms,
        "Dashboard": len(stack.of_type("AWS::CloudWatch::Dashboard")),
        "Key": len(stack.of_type("AWS::KMS::Key")),
        "Secrets, with `AccessTokens=true`": len(stack.of_type("AWS::SecretsManager::Secret")),
    }
