"""Is the clock right? Tickets, opening hours and certificates depend on it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from foleni.doctor.box import Box
from foleni.doctor.finding import Finding, bad, ok, warn
from foleni.link.clock import EARLIEST, is_set

_SYNC = "See that the box reaches a time server: timedatectl timesync-status. On a LAN without internet, name your own time \
server in /etc/systemd/timesyncd.conf (NTP=…) and restart systemd-timesyncd."


def check_clock(box: Box) -> Iterator[Finding]:
    yield from look_at_clock(box.places.run / "systemd/timesync", time.time)


def look_at_clock(timesync: Path, now_s: Callable[[], float]) -> Iterator[Finding]:
    """`timesync` is where systemd-timesyncd notes that the clock is right."""
    now = datetime.fromtimestamp(now_s(), UTC)
    said = f"the clock says {now:%Y-%m-%d %H:%M} UTC"
    if now < EARLIEST:
        yield bad(
            f"{said}, which is before this program was made",
            f"Set it: timedatectl set-time '2026-12-31 12:00:00', and have the clock's battery replaced. {_SYNC}",
        )
    elif not is_set(now_s, timesync):
        yield warn(f"{said}; no time server has confirmed it since the box was switched on", _SYNC)
    else:
        yield ok(said)
