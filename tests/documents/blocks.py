"""The fenced blocks of the documents, and what is done with each, so that none rots unseen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.engine import ROOT

DOCUMENTS: Final = sorted(
    [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / "events/README.md"], key=lambda path: path.as_posix()
)

_BLOCK: Final = re.compile(r"^```(?P<language>\S*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    document: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        """Say where it stands."""
        return f"{self.document}:{self.line}"

    @property
    def first_line(self) -> str:
        """What a block is known by, here and below."""
        return self.text.strip("\n").splitlines()[0].strip()


README_ON_A_STACK: Final = (
    'callback=$(python3 -c \'import json; print(json.load(open(".local/stack.json"))["callbackUrl"])\')',
    "import json",
    "from card_tracking.adapters.card_status_reader import CardStatusReader",
)
"""Blocks of the README that tests/integration/test_readme.py runs against the deployed template, from the top down."""

EXCUSED: Final = {
    "┌──────────────▶ SQS: what could not be stored, with the reason": "a drawing",
    "cat d1-root.pem d1-intermediate.pem > d1.pem": "needs D1's certificate and its CAs",
    "api=$(aws cloudformation describe-stack-resource --stack-name $stack --logical-resource-id CallbackApi "
    "--query StackResourceDetail.PhysicalResourceId --output text)": "needs a domain with mutual TLS in AWS",
    "openssl ecparam -name prime256v1 -genkey -noout -out client-key.pem": "needs openssl, and Thales's subject",
    "Subject: DATA_EXCEPTION: card 5e1f-0003-c0de-5ccd": "made by the code itself (tests/contract)",
    "DATA_EXCEPTION card 5e1f-0003-c0de-5ccd FIELD_INVALID_FORMAT embossedName": "made by the code (tests/contract)",
}
"""Blocks that nothing runs, by their first line, each with its reason."""


def blocks() -> Iterator[Block]:
    """Find every fenced block of every document."""
    for path in DOCUMENTS:
        text = path.read_text()
        for match in _BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield Block(path.relative_to(ROOT).as_posix(), line, match["language"], match["text"])


def readme_block(first_line: str) -> str:
    """Read a block of the README by its first line."""
    (block,) = [one for one in blocks() if one.document == "README.md" and one.first_line == first_line]
    return block.text


def relative(link: str, document: Path) -> Path:
    """Find the file that a link of a document leads to."""
    return document if not link else (document.parent / link).resolve()
