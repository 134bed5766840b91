"""Where the page of `make run` is found."""

import socket

import pytest

from local import run
from local.engine import HOST, free_port


def test_it_lies_a_thousand_ports_beyond_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is found again at the next start, and two stacks do not meet there."""
    monkeypatch.setattr(run, "is_free", lambda port: True)

    assert run._usual_page_port(4566) == 5566


def test_it_lies_anywhere_where_that_port_is_not_to_be_had() -> None:
    """A busy port, or one beyond the last, keeps nobody from `make run`."""
    with socket.socket() as other:
        other.bind((HOST, free_port()))
        other.listen()

        assert run._usual_page_port(other.getsockname()[1] - 1_000) == 0
    assert run._usual_page_port(65_000) == 0


@pytest.mark.parametrize("name", ["PORT", "PAGE_PORT"])
def test_a_port_that_is_no_number_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """With a plain word, before anything starts."""
    monkeypatch.setenv(name, "next door")

    assert run.main() == 1
    assert capsys.readouterr().err == "PORT and PAGE_PORT must be numbers.\n"
