"""The build step that binds names at first use: what it makes of a module, and what it refuses."""

import runpy
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

import pytest

from local.engine import ROOT

_DEFER: Final = runpy.run_path(str(ROOT / "layers" / "dependencies" / "defer.py"))
deferred: Final[Callable[[str, set[str]], str]] = _DEFER["deferred"]
CannotDefer: Final[type[Exception]] = _DEFER["CannotDefer"]

TOP: Final = """
    import math
    from os.path import basename, dirname
    made = []
    def make():
        made.append(1)
        return math.floor
    floor = make()
    half = [floor(0.5)]
"""
USES: Final = {
    "statement": "return floor(value)",
    "if": "if floor(value) == 1:\n    return 1\nreturn 0",
    "elif": "if value == 7:\n    return 7\nelif floor(value) == 1:\n    return 1\nelse:\n    return 0",
    "else": "if value == 7:\n    return 7\nelse:\n    return floor(value)",
    "loop": "for _ in range(2):\n    value = floor(value)\nelse:\n    value = floor(value)\nreturn value",
    "while": "while floor(value) != value:\n    value = floor(value)\nreturn value",
    "with": "from contextlib import nullcontext\nwith nullcontext(floor(value)) as found:\n    return found",
    "try": "try:\n    1 / 0\nexcept ArithmeticError:\n    value = floor(value)\nfinally:\n    floor(1)\nreturn value",
    "caught": "try:\n    raise ValueError\nexcept (ValueError, [KeyError][floor(0.5)]):\n    return 1",
    "match": "match floor(value):\n    case found:\n        return found",
    "lambda": "return (lambda one: floor(one))(value)",
    "comprehension": "return [floor(one) for one in [value]][0]",
    "function": "def inner():\n    return floor(value)\nreturn inner()",
    "default": "def inner(found=floor(value)):\n    return found\nreturn inner()",
    "decorator": "@(lambda function: lambda: floor(function()))\ndef inner():\n    return value\nreturn inner()",
    "class": "class Inner:\n    found = floor(value)\nreturn Inner.found",
    "twice": "if value == 7:\n    return floor(7)\nvalue = floor(value)\nreturn floor(value)",
    "resting": "return floor(value) + half[0]",
}
REFUSED: Final = {
    "floor is needed while it is imported (line 9)": "now = floor(1)",
    "floor is needed while it is imported": "def f(value=floor(1)): pass",
    "floor means something else in f()": "def f(floor):\n    return floor",
    "floor means something else in g()": "def g():\n    floor = 1\n    return floor",
    "nothing can go before what is on the line of its head": "def f(value): return floor(value)",
    "it has a __getattr__ of its own": "def __getattr__(name):\n    return 1",
}


def loaded(source: str, names: set[str]) -> Any:
    """Load what becomes of a module."""
    module = ModuleType("changed")
    exec(deferred(source, names), module.__dict__)  # noqa: S102  # that is what is tested
    return module


def function(body: str) -> str:
    """Write a module with a function that does nothing without a value, and something with one."""
    head = "def f(value):\n    if value is None:\n        return None\n"
    return textwrap.dedent(TOP) + head + textwrap.indent(body, "    ") + "\n"


@pytest.mark.parametrize("use", USES)
def test_a_name_is_bound_where_it_is_used(use: str) -> None:
    """Wherever in a function a name is used, it is there, and not a moment before."""
    module = loaded(function(USES[use]), {"floor", "half"})
    assert (module.f(None), module.made) == (None, [])
    assert module.f(1.5) == 1
    assert module.made


def test_others_ask_the_module() -> None:
    """From outside a module has what it had, and what it rests on with it; and nothing more."""
    module = loaded(function("return 1"), {"floor", "half"})
    assert "floor" not in vars(module)
    assert (module.floor(1.5), module.half) == (1, [0])
    with pytest.raises(AttributeError, match="module 'changed' has no attribute 'ceiling'"):
        _ = module.ceiling


def test_what_else_a_statement_binds_stays() -> None:
    """Of a statement that binds several names only those that are listed are moved; lines keep their numbers."""
    source = function("raise ValueError(basename('a/b'))")
    module = loaded(source, {"dirname"})
    assert "dirname" not in vars(module)
    assert (module.basename("a/b"), module.dirname("a/b")) == ("b", "a")
    changed = deferred(source, {"dirname"})
    line = next(number for number, text in enumerate(source.splitlines(), 1) if "raise" in text)
    assert "raise" in changed.splitlines()[line]


def test_it_says_what_it_has_changed() -> None:
    """The first line of a changed module says so, as its licence asks."""
    assert deferred(function("return 1"), {"floor", "half"}).startswith("# Changed by the build of card tracking")


@pytest.mark.parametrize("why", REFUSED)
def test_what_would_change_a_module_is_refused(why: str) -> None:
    """Where a name is needed at import, or means something else, nothing is changed, and the build says why."""
    with pytest.raises(CannotDefer) as refused:
        deferred(textwrap.dedent(TOP).replace("half = [floor(0.5)]\n", "") + REFUSED[why] + "\n", {"floor"})
    assert why in str(refused.value)


def test_a_name_that_is_gone_is_refused() -> None:
    """A new version of a package that binds a name no longer stops the build."""
    with pytest.raises(CannotDefer, match="nothing at its top binds ceiling"):
        deferred(textwrap.dedent(TOP), {"ceiling"})
