"""`make deploy`: a change of a parameter alone is deployed as a change of code is, and a mistyped stage is not."""

import tomllib
from pathlib import Path
from typing import Final

import pytest

from local.engine import ROOT
from local.settings_digest import SETTINGS, UNSTAMPED, NotStamped, stamp
from tests.template.transformed import Stack

TWO_STAGES: Final = """
[dev.deploy.parameters]
parameter_overrides = ["RetentionDays=30"]
[prod.deploy.parameters]
parameter_overrides = ["RetentionDays=400"]
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Give a template as it is built."""
    path = tmp_path / "template.yaml"
    path.write_text((ROOT / "template.yaml").read_text())
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Give the settings of two stages."""
    path = tmp_path / "samconfig.toml"
    path.write_text(TWO_STAGES)
    return path


def stamped(template: Path, settings: Path, stage: str) -> str:
    """Stamp a fresh copy of the template, and read it."""
    fresh = template.with_suffix(f".{stage}")
    fresh.write_text(template.read_text())
    stamp(fresh, settings, stage)
    return fresh.read_text()


def test_another_value_is_another_template(template: Path, settings: Path) -> None:
    """A changed setting changes the template, and with it every function's version; the same settings do not."""
    before = stamped(template, settings, "prod")
    again = stamped(template, settings, "prod")
    settings.write_text(TWO_STAGES.replace("400", "401"))
    after = stamped(template, settings, "prod")

    assert before == again != after
    assert UNSTAMPED not in before


def test_another_stages_settings_are_no_matter(template: Path, settings: Path) -> None:
    """What is changed for one stage publishes nothing in another."""
    before = stamped(template, settings, "prod")
    settings.write_text(TWO_STAGES.replace("30", "31"))

    assert stamped(template, settings, "prod") == before


def test_a_stage_that_is_not_there(template: Path, settings: Path) -> None:
    """A mistyped stage is refused, with those that there are."""
    with pytest.raises(NotStamped, match="dev, prod"):
        stamp(template, settings, "production")


def test_a_template_without_a_place_for_it(template: Path, settings: Path) -> None:
    """Nothing is deployed without its digest: a template that has one already is to be built anew."""
    stamp(template, settings, "prod")

    with pytest.raises(NotStamped, match="anew"):
        stamp(template, settings, "prod")


@pytest.mark.parametrize("stage", ["dev", "preprod", "prod"])
def test_the_stages_of_this_project(template: Path, stage: str, stack: Stack) -> None:
    """Each of the three stages is there, with parameters that the template has."""
    stamp(template, SETTINGS, stage)
    deploy = tomllib.loads(SETTINGS.read_text())[stage]["deploy"]["parameters"]
    overrides = dict(one.split("=", 1) for one in deploy["parameter_overrides"])

    assert overrides.keys() <= stack.parameters.keys()
    assert overrides["Stage"] == stage
    assert ("DomainName" in overrides) is (stage != "dev")
