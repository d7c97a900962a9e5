"""The name of a backup says whose it is and of when: `foleni-<branch>-<mark>-<event>-<time>.tar.gz.age`."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from foleni.times import DAY_US, SECOND_US, Instant, to_datetime

SUFFIX = ".tar.gz.age"
_FORM = re.compile(r"foleni-([a-z0-9-]{1,32})-([0-9a-f]{8})-([0-9]{9,})-([0-9]{8}T[0-9]{6}Z)\.tar\.gz\.age", re.ASCII)
_TIME = "%Y%m%dT%H%M%SZ"
_BELIEVED_US = 7 * DAY_US


@dataclass(frozen=True, slots=True, order=True)
class BackupName:
    """Sorted by time, then by the log. `mark` tells two branches of the same id apart: it comes of the first event's id."""

    stamp: str
    seq: int
    branch: str
    mark: str

    @classmethod
    def read(cls, name: str) -> Self | None:
        """None for what is no backup of ours."""
        found = _FORM.fullmatch(name)
        if found is None:
            return None
        branch, mark, seq, stamp = found.groups()
        try:
            datetime.strptime(stamp, _TIME)  # noqa: DTZ007 - only whether it is a time
        except ValueError:
            return None
        return cls(stamp, int(seq), branch, mark)

    @property
    def made(self) -> datetime:
        """When, in UTC."""
        return datetime.strptime(f"{self.stamp[:-1]}+0000", "%Y%m%dT%H%M%S%z")

    def __str__(self) -> str:
        return f"foleni-{self.branch}-{self.mark}-{self.seq:09d}-{self.stamp}{SUFFIX}"


def mark_of(first_event: str) -> str:
    """Of the id of a branch's first event, which no other branch has."""
    return hashlib.sha256(first_event.encode()).hexdigest()[:8]


def stamp_of(wall: int, steady: Instant) -> str:
    """The time of a backup: the clock's; but a clock that was set back, or that nobody set, must not make the newest backup
    look old, nor an old one new. Then it is the time of the branch's last event.
    """
    trusted = wall if steady <= wall <= steady + _BELIEVED_US else steady + SECOND_US
    return f"{to_datetime(trusted):{_TIME}}"


def own(names: list[str], branch: str, mark: str) -> list[BackupName]:
    """The backups of one branch among a place's names, the newest first."""
    known = (BackupName.read(name) for name in names)
    return sorted((one for one in known if one is not None and (one.branch, one.mark) == (branch, mark)), reverse=True)
