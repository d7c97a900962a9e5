"""That a box belongs to a branch, kept in its data folder: one file that is there whole or not at all, and the only truth.

The key and the certificates lie beside it in files of their own, because TLS reads files; they are made from it.
"""

import contextlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from foleni.files import keep_names, write_whole
from foleni.ids import Slug
from foleni.joining import keys
from foleni.messages.joining import BoxKind, Hex32, Pem
from foleni.settings import HostPort, MqttUrl

logger = logging.getLogger(__name__)

MEMBERSHIP, REQUEST = "membership.json", "joining.json"
KEY, CERTIFICATE, AUTHORITY = "device.key", "device.pem", "ca.pem"
KEPT = "kept"
SERVERS = "servers.json"
"""What a station remembers of its branch's servers."""
_OURS_ALONE = frozenset({"data", "server", "forget", "mqtt", "branch", "device", "support", "log_level"})
"""Settings that a branch never decides for a box."""
_READABLE = 0o644

Port = Annotated[int, Field(ge=1, le=65_535)]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Membership(_Kept):
    """Which device of which branch this box is, and with what it shows that."""

    branch: Slug
    device: Slug
    kind: BoxKind
    account: str
    password: Annotated[str, Field(repr=False)]
    ca: Pem
    certificate: Pem
    key: Annotated[Pem, Field(repr=False)]
    server: HostPort
    """Where the branch's web side was last."""
    mqtt_port: Port
    server_name: str
    settings: dict[str, str] = {}
    cut_off: bool = False
    """The branch has said that this box is no longer one of its devices."""
    joined_at: datetime | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        """The same branch, not only one of the same name, and the same device in it."""
        return self.branch, keys.fingerprint(self.ca), self.device

    def fits(self, kind: BoxKind, branch: str | None) -> bool:
        """Whether a box of that kind works with it, unless told to be in another branch."""
        return not self.cut_off and self.kind == kind and branch in {None, self.branch}

    def decided(self, folder: Path) -> dict[str, object]:
        """The settings that follow from it for a program whose data lies in `folder`."""
        chosen = {name.replace("-", "_"): value for name, value in self.settings.items()}
        own: Mapping[str, object] = {"mqtt": self.mqtt(folder), "branch": self.branch, "device": self.device}
        return {name: value for name, value in chosen.items() if name not in _OURS_ALONE} | dict(own)

    def mqtt(self, folder: Path) -> MqttUrl:
        """The branch's broker, as this device reaches it."""
        who = f"{quote(self.account, safe='')}:{quote(self.password, safe='')}"
        files = {"ca": AUTHORITY, "cert": CERTIFICATE, "key": KEY}
        trust = "&".join(f"{what}={quote(str(folder.absolute() / file))}" for what, file in files.items())
        return MqttUrl.parse(
            f"mqtts://{who}@{HostPort(self.server.host, self.mqtt_port)}?{trust}&name={quote(self.server_name)}"
        )


class Request(_Kept):
    """A request that is open at a branch server: after a power cut the box goes on with it, and with the same code."""

    server: HostPort
    branch: Slug
    name: str
    ca: Pem
    key: Annotated[Pem, Field(repr=False)]
    csr: Pem
    nonce: Annotated[Hex32, Field(repr=False)]
    request: str
    server_name: str
    code: str


K = TypeVar("K", bound=_Kept)


class HomeError(Exception):
    """The data folder cannot be read or written; the text says which and why."""


class Home:
    """The data folder of a box's program. Every method raises `HomeError` where the disk does not work."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def member(self) -> Membership | None:
        """The membership; None where there is none. One that cannot be read as such is put aside and counts as none. The files
        of the key and the certificates are there when this returns.
        """
        found = self._load(MEMBERSHIP, Membership)
        if found is not None:
            self._put_pems(found)
        return found

    def keep(self, member: Membership) -> None:
        """From the moment that this returns the box belongs to that branch, also after a power cut."""
        self._write(MEMBERSHIP, member)
        self._put_pems(member)

    def request(self) -> Request | None:
        """The request that was open when the box ended; None where there was none."""
        return self._load(REQUEST, Request)

    def keep_request(self, request: Request) -> None:
        self._write(REQUEST, request)

    def drop_request(self) -> None:
        self._remove((REQUEST,))

    def forget(self, belongings: Iterable[str]) -> Path | None:
        """The box belongs to nobody from now on. `belongings` are files that the branch may still want: they are kept in the
        folder that is returned; None where there are none.
        """
        kept = self.leave(belongings)
        self._remove((MEMBERSHIP, REQUEST, KEY, CERTIFICATE, AUTHORITY))
        return kept

    def leave(self, belongings: Iterable[str]) -> Path | None:
        """Nothing of the box's time with its present branch is there for the next one; the same belongings are kept."""
        kept = self.set_aside(belongings)
        self._remove((SERVERS,))
        return kept

    def set_aside(self, belongings: Iterable[str]) -> Path | None:
        """Move files of the box's time with its present branch away, so that the next one does not get them."""
        present = [self.folder / name for name in belongings if (self.folder / name).exists()]
        if not present:
            return None
        with self._minding("kept aside"):
            place = self._free_place()
            partial = place.with_name(f"{place.name}.partial")  # of a move that a power cut ended the rest goes there too
            partial.mkdir(parents=True, exist_ok=True, mode=0o700)
            for path in present:
                path.rename(partial / path.name)
            partial.rename(place)
            for folder in (place, place.parent, self.folder):
                keep_names(folder)
        logger.warning("what this box has of its time with its former branch is kept in %s", place)
        return place

    def _free_place(self) -> Path:
        former = self._load(MEMBERSHIP, Membership)
        who = f"{former.branch}-{former.device}" if former is not None else "unknown"
        number = 1
        while (place := self.folder / KEPT / f"{who}-{number}").exists():
            number += 1
        return place

    def _load(self, name: str, form: type[K]) -> K | None:
        path = self.folder / name
        with self._minding("read"):
            try:
                text = path.read_bytes()
            except FileNotFoundError:
                return None
        try:
            return form.model_validate_json(text)
        except ValidationError as error:
            logger.error(
                "%s is damaged and put aside: %s", path, error.errors(include_input=False, include_url=False)[0]["msg"]
            )
        with self._minding("put aside"):
            path.replace(path.with_name(f"{name}.damaged"))
        return None

    def _write(self, name: str, kept: _Kept) -> None:
        with self._minding("written"):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self.folder / name, kept.model_dump_json(indent=1).encode())

    def _put_pems(self, member: Membership) -> None:
        pems = {KEY: member.key, CERTIFICATE: member.certificate, AUTHORITY: member.ca}
        with self._minding("written"):
            for name, pem in pems.items():
                path = self.folder / name
                if not path.exists() or path.read_text(encoding="utf-8", errors="replace") != pem:
                    write_whole(path, pem.encode(), 0o600 if name == KEY else _READABLE)

    def _remove(self, names: Iterable[str]) -> None:
        with self._minding("written"):
            for name in names:
                (self.folder / name).unlink(missing_ok=True)
            if self.folder.exists():
                keep_names(self.folder)

    @contextlib.contextmanager
    def _minding(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise HomeError(f"{self.folder} cannot be {what}: {error.strerror or error}") from error
