"""One place of the product, and what stands there in a flawed copy."""

from typing import NamedTuple


class Edit(NamedTuple):
    """A text of a file that is replaced by another one."""

    path: str
    before: str
    after: str
