"""When this machine's clock counts as set."""

from pathlib import Path

import pytest

from foleni.link import clock

NOW_S = clock.EARLIEST.timestamp() + 1
NOBODY_SAYS, SYNCHRONISED, NOT_SYNCHRONISED = -1, 0, 5


@pytest.mark.parametrize(
    ("now_s", "service", "kernel", "is_set"),
    [
        (NOW_S, "synchronized", NOT_SYNCHRONISED, True),
        (NOW_S, "running", NOT_SYNCHRONISED, False),
        (NOW_S, "running", NOBODY_SAYS, False),
        (NOW_S, "none", NOT_SYNCHRONISED, False),
        (NOW_S, "none", SYNCHRONISED, True),
        (NOW_S, "none", NOBODY_SAYS, True),
        (0.0, "synchronized", SYNCHRONISED, False),
        (clock.EARLIEST.timestamp() - 1, "none", SYNCHRONISED, False),
    ],
)
def test_a_clock_counts_as_set_unless_it_is_evidently_not(
    tmp_path: Path, now_s: float, service: str, kernel: int, is_set: bool
) -> None:
    folder = tmp_path / "timesync"
    if service != "none":
        folder.mkdir()
    if service == "synchronized":
        (folder / service).touch()
    assert clock.is_set(lambda: now_s, folder, lambda: kernel) is is_set


def test_this_kernel_can_be_asked() -> None:
    assert clock.is_set() in {True, False}
