"""No snippet of a document rots unseen: each is run, held to a schema, or on a list with its reason."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from jsonschema import Draft202012Validator

from get_card_status.queries import QUERIES
from local.engine import ROOT
from tests.contract.promises import closed, read, schema_validator
from tests.documents.aws_command import WrongCommand, check
from tests.documents.blocks import DOCUMENTS, EXCUSED, README_ON_A_STACK, Block, blocks, relative

BLOCKS: Final = list(blocks())
ELSEWHERE: Final = {*README_ON_A_STACK, *EXCUSED}
SHELL: Final = [block for block in BLOCKS if block.language == "sh" and block.first_line not in ELSEWHERE]
JSON: Final = [block for block in BLOCKS if block.language == "json" and block.first_line not in ELSEWHERE]

INLINE: Final = re.compile(r"(?<!`)`((?:make|aws) [^`]+)`")
LINK: Final = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)


def test_every_block_is_accounted_for() -> None:
    """A new block is of a kind that is checked here, is run elsewhere, or gets a reason."""
    unseen = [str(one) for one in BLOCKS if one not in SHELL and one not in JSON and one.first_line not in ELSEWHERE]

    assert BLOCKS
    assert unseen == []


def test_no_list_outlives_its_blocks() -> None:
    """What is excused, or run elsewhere, is still there."""
    assert {block.first_line for block in BLOCKS} >= ELSEWHERE


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_a_shell_block_runs(block: Block, tmp_path: Path) -> None:
    """Its commands exist and are written right: make says what it would do, aws is held to the services' models."""
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, line in (
        ("make", f'exec /usr/bin/env make --dry-run -C {shlex.quote(str(ROOT))} "$@"'),
        ("aws", f'PYTHONPATH={shlex.quote(str(ROOT))} exec {sys.executable} -m tests.documents.aws_command "$@"'),
    ):
        (commands / name).write_text(f"#!/bin/sh\nPATH={shlex.quote(os.environ['PATH'])}\n{line}\n")
        (commands / name).chmod(0o755)
    for name in re.findall(r"\S+\.pem", block.text):
        (tmp_path / name).touch()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
    # What the text before the block has found out, or an earlier block.
    environment |= {"stack": "card-tracking-prod", "topic": "arn:aws:sns:eu-west-1:1:alerts"}

    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", block.text],
        cwd=tmp_path,
        env=environment | {"PATH": f"{commands}:{os.environ['PATH']}"},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", JSON, ids=str)
def test_a_json_block_is_a_document_of_the_contract(block: Block) -> None:
    """What is shown as a card, an alert or an error is one, with nothing in it that the contract does not tell of."""
    document = json.loads(block.text)
    schemas = [schema_validator(name) for name in ("alert", "card", "question", "answer")]
    schemas.append(Draft202012Validator(closed(read("openapi.yaml")["components"]["schemas"]["Error"])))

    assert any(schema.is_valid(document) for schema in schemas)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_in_a_sentence_exist(path: Path) -> None:
    """A target of make that a sentence names is in the Makefile, an operation of AWS in its service's model."""
    for command in INLINE.findall(path.read_text()):
        words = shlex.split(command.replace("…", "VALUE"))
        if words[0] == "aws":
            check(words[1:], whole=False)
        else:
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), command


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """A link within the project finds its file, and the heading in it."""
    for link, anchor in LINK.findall(path.read_text()):
        target = relative(link, path)
        assert target.exists(), link
        if anchor:
            assert anchor in {_anchor(heading) for heading in HEADING.findall(target.read_text())}, anchor


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize(
    "command",
    [
        "sns shout --topic-arn x",
        "sns subscribe --topic x --protocol email",
        "sns subscribe --protocol email",
        "s3api put-object --bucket b",
    ],
)
def test_a_wrong_aws_command_is_found(command: str) -> None:
    """An operation or option that is not there, or a required one that is missing, is told."""
    with pytest.raises(WrongCommand):
        check(command.split())


def test_the_filter_of_the_readme_names_attributes() -> None:
    """The attributes that the README names, and its filter, are those that alerts have."""
    text = (ROOT / "README.md").read_text()
    sentence = re.search(r"filter by the attributes (.+?):", text, re.DOTALL)
    (policy,) = re.findall(r"--attributes '(.+)'", text)

    assert sentence
    attributes = read("asyncapi.yaml")["components"]["messages"]["alert"]["headers"]["properties"].keys()
    assert set(re.findall(r"`(\w+)`", sentence[1])) == attributes
    assert json.loads(json.loads(policy)["FilterPolicy"]).keys() <= attributes


def test_the_readme_has_every_question() -> None:
    """Its table shows each question that can be asked, and no other."""
    asked = set(re.findall(r'^\| `\{"(\w+)"', (ROOT / "README.md").read_text(), re.MULTILINE))

    assert asked == QUERIES.keys()
