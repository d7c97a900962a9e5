"""How long certificates still count."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from foleni.doctor.finding import Finding, bad, ok, warn

_SOON_DAYS = 30


def days_left(pem: bytes, now: datetime) -> int:
    """Whole days until the first certificate of `pem` ends; negative where it has. Raises `ValueError`."""
    return (x509.load_pem_x509_certificate(pem).not_valid_after_utc - now).days


def look_at_certificate(path: Path, what: str, renewal: str) -> Iterator[Finding]:
    """`what` names it in a sentence, `renewal` says what to do where it was not renewed in time."""
    try:
        days = days_left(path.read_bytes(), datetime.now(UTC))
    except (OSError, ValueError) as error:
        yield bad(f"{what} cannot be read ({path}): {error}", renewal)
        return
    if days < 0:
        yield bad(f"{what} ended {-days} days ago", renewal)
    elif days < _SOON_DAYS:
        yield warn(f"{what} ends in {days} days and was not renewed", renewal)
    else:
        yield ok(f"{what} counts for {days} more days")
