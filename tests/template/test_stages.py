"""samconfig.toml: what it proposes for each stage can be deployed, once the bank's own values are in it."""

import tomllib
from typing import Any, Final

import pytest
from samcli.cli.types import CfnParameterOverridesType

from local.engine import ROOT
from tests.template.rules import complaints
from tests.template.transformed import Stack

STAGES: Final[dict[str, Any]] = {
    name: one["deploy"]["parameters"]
    for name, one in tomllib.loads((ROOT / "samconfig.toml").read_text()).items()
    if isinstance(one, dict) and "deploy" in one
}


def parameters(stage: str) -> dict[str, str]:
    """Read the parameters of a stage as sam reads them."""
    read: dict[str, str] = CfnParameterOverridesType().convert(STAGES[stage]["parameter_overrides"], None, None)
    return read


def test_there_are_three() -> None:
    """One for trying out, one for D1's staging, one for production."""
    assert set(STAGES) == {"dev", "preprod", "prod"}


@pytest.mark.parametrize("stage", ["dev", "preprod", "prod"])
def test_a_stage_can_be_deployed(stack: Stack, stage: str) -> None:
    """Each names parameters that there are, keeps to the rules, and says where: that is no shell's to say."""
    given = parameters(stage)

    assert given.keys() <= stack.parameters.keys()
    assert given["Stage"] == stage
    assert complaints(stack, given) == []
    assert STAGES[stage]["region"]
    assert STAGES[stage]["stack_name"].endswith(stage)


def test_preproduction_is_as_strict_as_production() -> None:
    """What D1 meets in its staging is what it meets in production."""
    assert parameters("prod").keys() - {"LogRetentionDays"} <= parameters("preprod").keys()


def test_a_subject_comes_through_whole() -> None:
    """Commas, blanks and an escaped comma in a subject reach the template as they are."""
    subject = "CN=d1,OU=Banking\\, Payment,O=Thales DIS,C=FR"
    written = tomllib.loads(f"x = [\"ClientCertificateSubject='{subject.replace(chr(92), chr(92) * 2)}'\"]")["x"]

    assert CfnParameterOverridesType().convert(written, None, None) == {"ClientCertificateSubject": subject}
