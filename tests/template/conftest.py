"""The template, read and transformed once."""

import pytest

from local.template import load_template
from tests.template.transformed import Json, Stack, transformed


@pytest.fixture(scope="session")
def written() -> Json:
    """Give the template as it is written."""
    return load_template()


@pytest.fixture(scope="session")
def stack(written: Json) -> Stack:
    """Give the template as it is deployed."""
    return transformed(written)
