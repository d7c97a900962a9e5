"""axe-core on a page in a real browser: what keeps somebody with a screen reader, or without a mouse, from using it."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_SOURCE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_GRAVE = ("serious", "critical")
_RUN = "() => axe.run(document, {resultTypes: ['violations']})"


def faults_of(page: Page) -> list[str]:
    """The serious and critical faults of what the page shows now, one line for each place. Empty where it is clean."""
    page.evaluate(_source())
    found: dict[str, Any] = page.evaluate(_RUN)
    return [_line(fault, node) for fault in found["violations"] if fault["impact"] in _GRAVE for node in fault["nodes"]]


@cache
def _source() -> str:
    assert _SOURCE.is_file(), f"axe-core is missing: npm ci --prefix {_SOURCE.parents[2]}"
    return _SOURCE.read_text(encoding="utf-8")


def _line(fault: dict[str, Any], node: dict[str, Any]) -> str:
    """Such as `color-contrast: #waiting > td.quiet: Element has insufficient color contrast of 3.9 …`."""
    summary = " ".join(str(node.get("failureSummary", "")).split())
    return f"{fault['id']}: {' '.join(map(str, node['target']))}: {summary}"
