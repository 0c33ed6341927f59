"""Figures, and the table in which they are printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A figure, and what it should be.

    :param target: with `at_least`, the least it should be; else the most. None: nothing is said.
    """

    name: str
    unit: str
    target: float | None = None
    at_least: bool = False

    def missed(self, value: float) -> bool:
        """Whether a value falls short."""
        if self.target is None:
            return False
        return value < self.target if self.at_least else value > self.target


def report(
    lines: Sequence[Line], figures: Mapping[Line, float], others: Mapping[Line, float]
) -> None:
    """Print a line for each figure, next to that of the peer."""
    for line in lines:
        if line not in figures:
            continue
        verdict = "  missed" if line.missed(figures[line]) else ""
        other = f"{_number(others[line])} {line.unit:3} at the peer" if line in others else ""
        print(
            f"  {line.name:34}{_number(figures[line])} {line.unit:3} {_target(line):20}"
            f"{other}{verdict}".rstrip()
        )


def _number(value: float) -> str:
    return f"{value:12,.1f}" if value < 100 else f"{value:12,.0f}"


def _target(line: Line) -> str:
    if line.target is None:
        return ""
    return f"(target {'>=' if line.at_least else '<='} {line.target:,.0f})"
