"""The settings of the tools: strict as promised, for all of the code, and what CI runs."""

import tomllib
from typing import Any, Final

import pytest

from local.engine import ROOT

SETTINGS: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())
SAM: Final[dict[str, Any]] = tomllib.loads((ROOT / "samconfig.toml").read_text())


def test_coverage_has_a_floor() -> None:
    """Branches are counted, of all code that is deployed, and a fall below 99 percent fails `make test`."""
    coverage = SETTINGS["tool"]["coverage"]

    assert coverage["run"] == {"branch": True, "source": ["layers/card_tracking/card_tracking", "functions"]}
    assert coverage["report"]["fail_under"] == 99
    assert coverage["report"]["exclude_also"] == ["if TYPE_CHECKING:"]


def test_tests_are_strict() -> None:
    """A warning is a failure, so is an unexpected success; no test reaches another machine."""
    pytest_settings = SETTINGS["tool"]["pytest"]["ini_options"]

    assert pytest_settings["filterwarnings"] == ["error"]
    assert pytest_settings["xfail_strict"] is True
    assert pytest_settings["testpaths"] == ["tests"]
    assert {
        "--disable-socket",
        "--allow-hosts=127.0.0.1,::1,localhost",
        "--strict-config",
        "--strict-markers",
    } <= set(pytest_settings["addopts"])


def test_types_are_checked_strictly() -> None:
    """Mypy is strict about every folder that holds Python."""
    mypy = SETTINGS["tool"]["mypy"]
    checked = [ROOT / folder for folder in mypy["files"]]
    unchecked = [
        path
        for folder in ("docs", "functions", "layers", "local", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if not any(path.is_relative_to(one) for one in checked)
    ]

    assert (mypy["strict"], mypy["warn_unreachable"]) == (True, True)
    assert [override["module"] for override in mypy["overrides"]] == [
        ["atheris", "ministack.*", "samcli.*", "samtranslator.*"]
    ]
    assert unchecked == []


def test_every_rule_of_the_linter_is_on() -> None:
    """Ruff has all rules on, but for a list with reasons, and for the oldest Python that is promised."""
    ruff = SETTINGS["tool"]["ruff"]

    assert ruff["lint"]["select"] == ["ALL"]
    assert ruff["target-version"] == "py311"
    assert SETTINGS["project"]["requires-python"] == ">=3.11"
    assert ruff["lint"]["per-file-ignores"]["functions/*"] == ["TRY400"]


def test_ci_checks_and_tests() -> None:
    """CI stops at the first failure, checks the change and runs all tests."""
    lines = (ROOT / ".ci/run").read_text().splitlines()

    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -eu" in lines
    assert [line for line in lines if line.startswith("make ")] == ["make check", "make test"]
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


@pytest.mark.parametrize("stage", ["dev", "preprod", "prod"])
def test_stage_is_deployed_with_care(stage: str) -> None:
    """A stage names its stack and region; a change of D1's stages is shown before it is made."""
    deploy = SAM[stage]["deploy"]["parameters"]

    assert deploy["stack_name"] == f"card-tracking-{stage}"
    assert deploy["capabilities"] == "CAPABILITY_IAM"
    assert deploy.get("confirm_changeset", False) is (stage != "dev")
    assert deploy["fail_on_empty_changeset"] is False
