"""What can go wrong around backups. The texts are for the administrator."""

from enum import StrEnum


class KeepingError(Exception):
    """The root of them."""


class ArchiveError(KeepingError):
    """A backup that cannot be trusted: damaged, cut off, of another branch, or locked with another key."""


class KeyFaultError(KeepingError):
    """There is no key to lock or to open a backup with, or it is none."""


class Fault(StrEnum):
    """Why a backup did not get to a place; stable, for pages and alerts."""

    SOURCE = "source"
    NO_KEY = "no_key"
    FULL = "full"
    NOT_THERE = "not_there"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    DAMAGED = "damaged"


class TargetError(KeepingError):
    """A place for backups that cannot be used now."""

    def __init__(self, fault: Fault, words: str) -> None:
        super().__init__(words)
        self.fault = fault
