"""The end of the table: it says that something is shown only where it was tried and nothing was lost."""

from tests.proof.report import NOT_SHOWN, Row, Shows, conclusion, is_shown, markdown


def rows(*losses: str, tried: int = 1_000) -> list[Row]:
    """Make a row for each thing to show, and let the one of statuses have losses."""
    made = [Row(f"promise {shown}", tried, "cases", shows=(shown,)) for shown in Shows]
    made[0].losses += losses
    return made


def test_all_is_shown() -> None:
    """Where everything was tried and nothing lost, each line says how often, and nothing else."""
    assert is_shown(rows())
    assert conclusion(rows()) == dict.fromkeys(Shows, "1,000 cases")
    assert NOT_SHOWN not in markdown(rows())


def test_a_loss_is_told() -> None:
    """One loss in one row, and what the row is to show is not shown; the others are."""
    lost = rows("card a")
    said = conclusion(lost)
    assert not is_shown(lost)
    assert said.pop(Shows.STATUSES) == "NOT SHOWN: 1 lost in 1,000 cases"
    assert set(said.values()) == {"1,000 cases"}
    assert "card a" in markdown(lost)


def test_what_was_not_tried_is_not_shown() -> None:
    """A proof that did not run, an engine that is missing: nothing is shown by that."""
    assert not is_shown(rows(tried=0))
    assert not is_shown(rows()[1:])
    assert set(conclusion([]).values()) == {"NOT SHOWN: nothing was tried"}


def test_a_loss_beside_what_must_be_shown_counts() -> None:
    """Also a row that is part of none of it must lose nothing."""
    assert not is_shown([*rows(), Row("the contract", 1, losses=["refused"])])
