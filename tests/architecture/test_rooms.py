"""The rooms of docs/decisions.md and design: who may import whom."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYER = ROOT / "layers" / "card_tracking"
FUNCTIONS = ROOT / "functions"
MODULES = sorted([*LAYER.rglob("*.py"), *FUNCTIONS.rglob("*.py")])
LONGEST_MODULE = 250
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc", "shared"}

ROOT_MODULES = {"card_tracking.errors", "card_tracking.deadline"}
ALLOWED = {
    "card_tracking.domain": {"card_tracking.domain"},
    "card_tracking.wire": {
        *ROOT_MODULES,
        "card_tracking.domain",
        "card_tracking.wire",
        "pydantic",
        "pydantic_core",
    },
    "card_tracking.adapters": {
        *ROOT_MODULES,
        "card_tracking.domain",
        "card_tracking.wire",
        "card_tracking.adapters",
        "boto3",
        "botocore",
        "jwt",
        "mypy_boto3_codedeploy",
        "mypy_boto3_dynamodb",
        "mypy_boto3_lambda",
        "mypy_boto3_secretsmanager",
        "mypy_boto3_sns",
        "mypy_boto3_sqs",
        "urllib3",
    },
    "card_tracking.use_cases": {
        *ROOT_MODULES,
        "card_tracking.domain",
        "card_tracking.wire",
        "card_tracking.adapters",
        "card_tracking.use_cases",
    },
    "card_tracking": {*ROOT_MODULES},
}
"""What each room may import beside the standard library; the first room whose name fits a module is its own."""


def name_of(path: Path) -> str:
    """Name a module as it is imported."""
    root = LAYER if path.is_relative_to(LAYER) else FUNCTIONS
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Name everything that a module imports, wherever in it, under ``TYPE_CHECKING`` too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that they say from which room they come"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, rooms: set[str]) -> bool:
    """Say whether a module, or something in it, belongs to one of the rooms."""
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def is_standard(name: str) -> bool:
    """Say whether a module is the standard library's."""
    return name.split(".", 1)[0] in sys.stdlib_module_names


def function_packages() -> set[str]:
    """Name every module and package of the functions."""
    return {name_of(path).split(".")[0] for path in FUNCTIONS.rglob("*.py")}


def test_there_are_rooms() -> None:
    """The test looks at what it is about: each room has modules."""
    names = {name_of(path) for path in MODULES}
    for room in ALLOWED:
        assert any(is_within(name, {room}) for name in names)
    assert {"receive_notification", "relay_alerts", "get_card_status"} <= function_packages()


@pytest.mark.parametrize("path", sorted(LAYER.rglob("*.py")), ids=name_of)
def test_package_imports(path: Path) -> None:
    """A module of the package imports only what its room may: the domain knows nobody, boto3 stays in adapters."""
    room = next(room for room in ALLOWED if is_within(name_of(path), {room}))
    strange = [name for name in imports(path) if not is_standard(name) and not is_within(name, ALLOWED[room])]
    assert strange == []


@pytest.mark.parametrize("path", sorted(LAYER.rglob("*.py")), ids=name_of)
def test_nobody_imports_a_function(path: Path) -> None:
    """The inner rooms do not know their edges, nor Lambda's tools."""
    assert not [name for name in imports(path) if is_within(name, function_packages() | {"aws_lambda_powertools"})]


@pytest.mark.parametrize("path", sorted(FUNCTIONS.rglob("*.py")), ids=name_of)
def test_function_imports(path: Path) -> None:
    """A function knows no AWS client: that is the adapters' work."""
    assert not [name for name in imports(path) if is_within(name, {"boto3", "botocore", "tests", "local"})]


@pytest.mark.parametrize("path", sorted(FUNCTIONS.rglob("app.py")), ids=name_of)
def test_edges_do_not_know_each_other(path: Path) -> None:
    """No module imports another function's edge."""
    own = name_of(path).split(".")[0]
    others = {f"{package}.app" for package in function_packages()} - {f"{own}.app"}
    assert not [
        name for module in MODULES if module != path for name in imports(module) if is_within(name, {f"{own}.app"})
    ]
    assert not [name for name in imports(path) if is_within(name, others)]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_environment_is_read_at_the_edge(path: Path) -> None:
    """Only a function's edge reads the environment."""
    if path.name != "app.py":
        assert "os" not in {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_size_and_name(path: Path) -> None:
    """A module is named after what it is, and can be read at one sitting."""
    assert path.stem not in FORBIDDEN_NAMES
    assert path.parent.name not in FORBIDDEN_NAMES
    assert len(path.read_text().splitlines()) < LONGEST_MODULE


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_documented(path: Path) -> None:
    """Every module says in its first line what it is."""
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring
    assert docstring.splitlines()[0].endswith((".", "?", ":", "!")) or path.name == "errors.py"
