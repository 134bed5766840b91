"""Changes of the domain that no test can notice, each with the reason; whatever else survives is a loss."""

from typing import Final, NamedTuple


class Survivor(NamedTuple):
    """A line of the domain as it is and as the mutant has it."""

    before: str
    after: str


EXPLAINED: Final[dict[Survivor, str]] = {
    Survivor(
        "return position > current.position",
        "return position >= current.position",
    ): "the line above has dealt with equal positions",
    Survivor(
        "start = match.start() + 1",
        "start = match.start() + 2",
    ): "a number begins with the first of four digits or more, so the next begins further on than that",
}
