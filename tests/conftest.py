"""What all tests may use."""

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.broker import Broker
from tests.support.web import chromium

collect_ignore = ["images"]
"""They start whole machines: `make test-images` names the folder, and then they run."""
THOROUGH = bool(os.environ.get("FOLENI_THOROUGH"))
"""Whether everything runs, as in `make torture`: docs/decisions/what-runs-when.md."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what `make test` need not run each time: tests marked `thorough`, and of those marked `variants(n)` all but
    n of their parameters, spread over the whole.
    """
    if THOROUGH:
        return
    tests: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        tests[item.nodeid.partition("[")[0]].append(item)
    left_out = {item for test in tests.values() for item in _left_out(test)}
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = _mixed([item for item in items if item not in left_out])


def _mixed(items: list[pytest.Item]) -> list[pytest.Item]:
    """Whole files, those that work the processor (`e2e`) between those that mostly wait (`integration`), the quick ones last:
    side by side they take the least time.
    """
    files: dict[str, dict[str, list[pytest.Item]]] = {"e2e": {}, "integration": {}, "quick": {}}
    for item in items:
        file = item.nodeid.partition("::")[0]
        kind = file.split("/")[1]
        files[kind if kind in files else "quick"].setdefault(file, []).append(item)
    places = {file: (kind == "quick", at / len(group)) for kind, group in files.items() for at, file in enumerate(group)}
    return sorted(items, key=lambda item: places[item.nodeid.partition("::")[0]])


def _left_out(test: list[pytest.Item]) -> list[pytest.Item]:
    if test[0].get_closest_marker("thorough") is not None:
        return test
    mark = test[0].get_closest_marker("variants")
    if mark is None or mark.args[0] >= len(test):
        return []
    steps = max(1, mark.args[0] - 1)
    kept = {round(step * (len(test) - 1) / steps) for step in range(mark.args[0])}
    return [item for at, item in enumerate(test) if at not in kept]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running Mosquitto that lets everybody in."""
    broker = Broker(tmp_path).start()
    yield broker
    broker.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Not for longer than one file: while it runs, its event loop is the main thread's."""
    with chromium() as running:
        yield running
