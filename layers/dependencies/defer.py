"""Import at first use what a cold start never uses: ``python3 defer.py FOLDER``, with the list in ``deferred.toml``.

boto3 imports its transfers to S3, botocore a parser of XML and what writes its documentation, Powertools its tracer,
pydantic the search for plug-ins: whoever needs them, at every start. Each name that is listed for a module is bound
by a statement at its top; that leaves the top, and goes before every statement of a function that uses the name. Who
asks the module for the name from outside gets it from its ``__getattr__``. Nothing is taken away, and nothing comes
from elsewhere: it is what ``lazy import`` will be in Python itself (PEP 810).

The build fails, and says why, where a module needs the name while it is imported, or a new version does not have it.
"""

import ast
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

LIST: Final = Path(__file__).with_name("deferred.toml")
NOTE: Final = "# Changed by the build of card tracking: bound at first use (defer.py) are {}.\n"
_GETATTR: Final = """

def __getattr__(name):
{}
    raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
"""

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_Edit: TypeAlias = tuple[int, int, list[str]]
"""Two lines, counted from 0, and what takes the place of those from the first to before the second."""


class CannotDefer(Exception):
    """Deferring a name would change what a module does; the message says why."""


def defer_all(packages: Path, names_by_module: Mapping[str, Sequence[str]]) -> None:
    """Defer names in modules, each a path below the folder. Raises CannotDefer."""
    for module, names in names_by_module.items():
        path = packages / module
        try:
            path.write_text(deferred(path.read_text(), set(names)))
        except (CannotDefer, OSError) as error:
            raise CannotDefer(f"{module}: {error}") from None


def deferred(source: str, names: set[str]) -> str:
    """Return the source of a module in which names are bound at first use. Raises CannotDefer."""
    module = ast.parse(source)
    if any(isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in module.body):
        raise CannotDefer("it has a __getattr__ of its own")
    statements = _Statements(module, names)
    lines = source.splitlines(keepends=True)
    for first, last, new in sorted([*statements.removals(), *_insertions(module, statements)], reverse=True):
        lines[first:last] = new
    branches = "\n".join(
        f"    if name == {name!r}:\n        {'; '.join(statements.binding({name}))}\n        return {name}"
        for name in sorted(names)
    )
    changed = NOTE.format(", ".join(sorted(names))) + "".join(lines) + _GETATTR.format(branches)
    try:
        ast.parse(changed)
    except SyntaxError:
        raise CannotDefer("nothing can go before what is on the line of its head") from None
    return changed


class _Statements:
    """The statements at the top of a module that bind the names to defer."""

    def __init__(self, module: ast.Module, names: set[str]) -> None:
        self.names = names
        self.nodes: list[ast.stmt] = []
        self._by_name: dict[str, list[str]] = {name: [] for name in names}
        for node in module.body:
            bound = [(name, text) for name, text in _bindings(node) if name in names]
            self.nodes += [node] if bound else []
            for name, text in bound:
                self._by_name[name].append(text)
        for name in sorted(names):
            if not self._by_name[name]:
                raise CannotDefer(f"nothing at its top binds {name}")

    def removals(self) -> Iterator[_Edit]:
        """Leave of each statement what it binds besides, and as many lines as there were."""
        for node in self.nodes:
            end = node.end_lineno or node.lineno
            kept = "; ".join(text for name, text in _bindings(node) if name not in self.names)
            yield node.lineno - 1, end, [f"{kept}\n", *["\n"] * (end - node.lineno)]

    def binding(self, names: Iterable[str]) -> list[str]:
        """Give the statements that bind names, those first that others rest on."""
        texts: list[str] = []
        for name in sorted(names):
            for text in self._by_name[name]:
                rest_on = _used(ast.parse(text), self.names - {name})
                texts += [one for one in (*self.binding(rest_on), text) if one not in texts]
        return texts


def _bindings(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Give each name that a statement binds, with a statement that binds it alone."""
    match node:
        case ast.ImportFrom():
            for one in node.names:
                yield one.asname or one.name, ast.unparse(ast.ImportFrom(node.module, [one], node.level))
        case ast.Import():
            for one in node.names:
                yield one.asname or one.name.partition(".")[0], ast.unparse(ast.Import([one]))
        case ast.Assign(targets=[ast.Name(id=name)]):
            yield name, ast.unparse(node)


def _insertions(node: ast.AST, statements: _Statements) -> Iterator[_Edit]:
    """Bind the names in every function that uses them."""
    if node in statements.nodes:
        return
    if isinstance(node, ast.Name) and node.id in statements.names:
        raise CannotDefer(f"{node.id} is needed while it is imported (line {node.lineno})")
    if not isinstance(node, _Function):
        for child in ast.iter_child_nodes(node):
            yield from _insertions(child, statements)
        return
    for head in _evaluated_at_definition(node):
        yield from _insertions(head, statements)
    for name in _bound_otherwise(node, statements.names):
        raise CannotDefer(f"{name} means something else in {node.name}()")
    for line, indentation, names in _users(node.body, statements.names):
        yield line - 1, line - 1, [f"{' ' * indentation}{text}\n" for text in statements.binding(names)]


def _users(block: Sequence[ast.stmt], names: set[str]) -> Iterator[tuple[int, int, set[str]]]:
    """Give line, indentation and names of the innermost statements that use names for the first time in their block."""
    for statement in block:
        heads, blocks = _parts(statement)
        used = {name for head in heads for name in _used(head, names)}
        if used:
            decorators = getattr(statement, "decorator_list", [])
            yield min(one.lineno for one in (statement, *decorators)), statement.col_offset, used
            names = names - used
        for each in blocks:
            yield from _users(each, names)


def _parts(statement: ast.stmt) -> tuple[Sequence[ast.AST], Sequence[Sequence[ast.stmt]]]:
    """Take a statement apart into what it evaluates before its blocks, and these."""
    heads: Sequence[ast.AST] = [statement]
    blocks: Sequence[Sequence[ast.stmt]] = []
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            heads, blocks = _evaluated_at_definition(statement), [statement.body]
        case ast.If(orelse=[ast.If(col_offset=column) as elif_]) if column == statement.col_offset:
            heads, blocks = _parts(elif_)
            heads, blocks = [statement.test, *heads], [statement.body, *blocks]
        case ast.If() | ast.While():
            heads, blocks = [statement.test], [statement.body, statement.orelse]
        case ast.For():
            heads, blocks = [statement.target, statement.iter], [statement.body, statement.orelse]
        case ast.With():
            heads, blocks = statement.items, [statement.body]
        case ast.Try():
            handlers = statement.handlers
            heads = [handler.type for handler in handlers if handler.type]
            bodies = [handler.body for handler in handlers]
            blocks = [statement.body, *bodies, statement.orelse, statement.finalbody]
    return heads, blocks


def _evaluated_at_definition(function: _Function) -> Sequence[ast.AST]:
    return [function.args, *function.decorator_list, *([function.returns] if function.returns else [])]


def _used(node: ast.AST, names: set[str]) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in names}


def _bound_otherwise(function: _Function, names: set[str]) -> Iterator[str]:
    """Find names that a function binds itself, as parameters say."""
    for node in ast.walk(function):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                yield from names & {name}
            case ast.Global(names=declared) | ast.Nonlocal(names=declared):
                yield from names.intersection(declared)


if __name__ == "__main__":
    try:
        defer_all(Path(sys.argv[1]), tomllib.loads(LIST.read_text()))
    except CannotDefer as error:
        sys.exit(f"Cannot defer an import: {error}")
