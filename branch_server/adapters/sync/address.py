"""Where the cloud is, and with what a branch signs in there."""

from dataclasses import dataclass
from os import stat_result
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from foleni.settings import Text
from foleni.web.safety import is_loopback

_MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class CloudUrl(Text):
    """`https://host[:port][/path]`; without TLS only on this machine, because the token goes with each request."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`, whose words people read."""
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ValueError("has a host or port that cannot be read") from None
        if parts.scheme not in {"http", "https"} or not host or port == 0 or not text.isascii() or not text.isprintable():
            raise ValueError("must be https://host")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("takes no password, query or fragment")
        if parts.scheme == "http" and not is_loopback(host):
            raise ValueError("must be https://: the branch's token would go in the clear")
        return cls(text.rstrip("/"))

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine, so that no proxy stands in between."""
        return is_loopback(urlsplit(self.text).hostname or "")

    def __str__(self) -> str:
        return self.text


class TokenFile(Text):
    """The file that holds the branch's token. It may be replaced while the branch runs. Safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        """Raises `ValueError`, whose words people read."""
        self._path = path
        self._seen = _mark(path)
        self._token = _read(path)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`, whose words people read."""
        return cls(Path(text))

    @property
    def token(self) -> str:
        """The newest token that could be read."""
        try:
            mark = _mark(self._path)
            if mark != self._seen:
                self._token = _read(self._path)
                self._seen = mark
        except ValueError:
            pass  # half written, or gone: the one that we have counts until there is another
        return self._token

    def __str__(self) -> str:
        return str(self._path)


def _mark(path: Path) -> tuple[int, int, int]:
    """What is different when somebody has written the file."""
    try:
        found: stat_result = path.stat()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    return found.st_ino, found.st_mtime_ns, found.st_size


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            token = file.read(_MOST_BYTES).decode("ascii").strip()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ValueError(f"{path}: holds no token") from None
    if not token or any(letter.isspace() or not letter.isprintable() for letter in token):
        raise ValueError(f"{path}: holds no token")
    return token
