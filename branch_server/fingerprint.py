"""`foleni-branch fingerprint`: what browsers and boxes show of the branch's authority, to be compared with."""

import sys
from pathlib import Path

from pydantic import Field

from foleni import settings
from foleni.settings import Settings

PROGRAM = "foleni-branch fingerprint"
_GROUP = 4


class FingerprintSettings(Settings):
    """What `foleni-branch fingerprint` is started with."""

    data: Path = Field(description="folder of the branch's data")


def main(argv: list[str]) -> int:
    """Prints the SHA-256 of the authority's certificate in groups of four. The exit status: 1 where there is none."""
    from cryptography import x509  # noqa: PLC0415 - no other start of this program needs it
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - as above

    given = settings.load(FingerprintSettings, PROGRAM, argv)
    path = given.data / "tls" / "ca.pem"
    try:
        fingerprint = x509.load_pem_x509_certificate(path.read_bytes()).fingerprint(hashes.SHA256()).hex().upper()
    except OSError as error:
        return _refuse(f"{path}: {error.strerror}")
    except ValueError:
        return _refuse(f"{path} is damaged")
    print(" ".join(fingerprint[at : at + _GROUP] for at in range(0, len(fingerprint), _GROUP)))  # noqa: T201 - the answer
    return 0


def _refuse(reason: str) -> int:
    print(f"{PROGRAM}: {reason}", file=sys.stderr)  # noqa: T201 - for whoever asked
    return 1
