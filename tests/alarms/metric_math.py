"""The part of CloudWatch's metric math that alarms may use here.

A series maps periods to values; the latest period is number 0, and a period without a data point is missing from it.
Whatever the documentation leaves open is refused, so that no alarm rests on a guess: aggregates over the evaluation
range (its length is not published), sums over gaps, and functions of which nobody has said how alarms evaluate them.
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

OPERATORS: Final[Mapping[type[ast.AST], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}

Series: TypeAlias = dict[int, float]
Value: TypeAlias = "Series | float | list[Series]"


class NotModelled(Exception):
    """The expression uses what this model does not know."""


@dataclass(frozen=True, slots=True)
class MetricMath:
    """Evaluates expressions over the series of one alarm."""

    metrics: Mapping[str, Series]
    """The series of the metrics, by their Id."""
    expressions: Mapping[str, str]
    """The other expressions of the alarm, by their Id."""
    periods: Sequence[int]
    """The periods of the evaluation range."""
    fills_empty: bool = True
    """Whether FILL also fills a series without any data point in the range. AWS documents neither."""

    def series(self, expression: str) -> Series:
        """Return the series that an expression gives."""
        value = self._evaluate(_parsed(expression))
        if isinstance(value, list):
            raise NotModelled(f"{expression} gives several series")
        return self._as_series(value)

    def _evaluate(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -float(number)
            case ast.Name(id=name):
                return self._named(name)
            case (
                ast.BinOp(left=left, op=calculate, right=right)
                | ast.Compare(left=left, ops=[calculate], comparators=[right])
            ):
                return self._combine(calculate, self._evaluate(left), self._evaluate(right))
            case ast.List(elts=parts):
                return [self._as_series(self._evaluate(part)) for part in parts]
            case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
                return self._call(function, arguments)
        raise NotModelled(ast.unparse(node))

    def _named(self, name: str) -> Series:
        if name in self.metrics:
            return dict(self.metrics[name])
        if name in self.expressions:
            return self.series(self.expressions[name])
        raise NotModelled(name)

    def _call(self, function: str, arguments: Sequence[ast.expr]) -> Value:
        match function, arguments:
            case "METRICS", []:
                return [dict(series) for series in self.metrics.values()]
            case "METRICS", [ast.Constant(value=str() as part)]:
                return [dict(series) for name, series in self.metrics.items() if part in name]
            case "FILL", [what, ast.Constant(value=int() | float() as number)]:
                value = self._evaluate(what)
                if isinstance(value, list):
                    return [self._filled(series, number) for series in value]
                return self._filled(self._as_series(value), number)
            case "SUM", [what]:
                return self._sum(self._evaluate(what))
            case "IF", [condition, then, otherwise]:
                return self._if(*(self._as_series(self._evaluate(part)) for part in (condition, then, otherwise)))
        raise NotModelled(f"{function}({', '.join(map(ast.unparse, arguments))})")

    def _filled(self, series: Series, number: float) -> Series:
        return dict.fromkeys(self.periods, float(number)) | series if series or self.fills_empty else {}

    def _sum(self, value: Value) -> Series:
        """Add up several series; those without any data point do not count."""
        if not isinstance(value, list):
            raise NotModelled("SUM of one series is a sum over the evaluation range, whose length is not published")
        present = [series for series in value if series]
        if any(series.keys() != present[0].keys() for series in present):
            raise NotModelled("SUM over gaps is not documented: SUM(FILL(METRICS(), 0))")
        return {period: sum(series[period] for series in present) for period in (present[0] if present else ())}

    def _combine(self, calculate: ast.operator | ast.cmpop, left: Value, right: Value) -> Series:
        """Calculate period by period. A period that either side misses is missing from the result."""
        one, other = self._as_series(left), self._as_series(right)
        results = {period: _calculate(calculate, one[period], other[period]) for period in one if period in other}
        return {period: result for period, result in results.items() if result is not None}

    def _if(self, condition: Series, then: Series, otherwise: Series) -> Series:
        chosen = {period: then if condition[period] else otherwise for period in condition}
        return {period: series[period] for period, series in chosen.items() if period in series}

    def _as_series(self, value: Value) -> Series:
        if isinstance(value, list):
            raise NotModelled("calculations with several series at once")
        return dict.fromkeys(self.periods, value) if isinstance(value, float) else value


@cache
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


def _calculate(calculate: ast.operator | ast.cmpop, left: float, right: float) -> float | None:
    if isinstance(calculate, ast.Div) and right == 0:
        return None
    if type(calculate) not in OPERATORS:
        raise NotModelled(type(calculate).__name__)
    return float(OPERATORS[type(calculate)](left, right))
