"""The table of results: value, floor, their ratio, and whether the target is met."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

HEADINGS = ("name", "value", "floor", "ratio", "target", "")


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on the ratio of value to floor, or on the value itself where it has a unit."""

    sign: Literal["<=", ">="]
    bound: float
    unit: str = ""

    def is_met(self, figure: float) -> bool:
        return figure <= self.bound if self.sign == "<=" else figure >= self.bound

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g} {self.unit}" if self.unit else f"{self.sign} {self.bound:g}x"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. Without a floor it is shown for information and has no target."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    target: Target | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, or nothing where there is no target."""
        if self.target is None:
            return ""
        figure = self.value if self.target.unit else self.ratio
        return "ok" if figure is not None and self.target.is_met(figure) else "MISSED"

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": self.ratio, "verdict": self.verdict}

    def cells(self) -> tuple[str, ...]:
        floor = f"{_number(self.floor)} {self.unit}" if self.floor is not None else "-"
        ratio = f"{self.ratio:.2f}x" if self.ratio is not None else "-"
        return self.name, f"{_number(self.value)} {self.unit}", floor, ratio, str(self.target or "-"), self.verdict


def table(rows: list[Row]) -> str:
    """The rows as aligned text."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    return "".join(_line(line, widths) for line in lines)


def write_json(rows: list[Row], path: Path) -> None:
    path.write_text(json.dumps([row.as_json() for row in rows], indent=2) + "\n")


def missed(rows: list[Row]) -> int:
    return sum(row.verdict == "MISSED" for row in rows)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    name = cells[0].ljust(widths[0])
    figures = "  ".join(cell.rjust(width) for cell, width in zip(cells[1:5], widths[1:5], strict=True))
    return f"{name}  {figures}  {cells[5]}".rstrip() + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
