"""Where backups go, as the branch's settings say it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import quote, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from foleni.ids import Slug
from foleni.settings import Settings, Text

STICK = "FOLENI-BACK"
"""The label of a USB stick that is meant for backups."""

_FORMS = f"must be /a/folder, usb:{STICK}, sftp://user@host/folder or s3://bucket/folder"
Kind = Literal["folder", "usb", "sftp", "s3"]


@dataclass(frozen=True, slots=True)
class Where(Text):
    """A place: `/a/folder`, `usb:LABEL`, `sftp://user@host[:port]/folder`, `s3://bucket[/folder]`."""

    kind: Kind
    path: str
    host: str = ""
    port: int = 22
    user: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`. A password in it is refused: settings are no place for one."""
        if text.startswith("/") and "\0" not in text:
            return cls("folder", text)
        if text.startswith("usb:") and text[4:] and "/" not in text:
            return cls("usb", text[4:])
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise ValueError(_FORMS) from None
        if parts.password is not None:
            raise ValueError("must hold no password; name a key_file")
        if parts.query or parts.fragment or not parts.hostname:
            raise ValueError(_FORMS)
        if parts.scheme == "s3" and parts.username is None and port is None:
            return cls("s3", f"{parts.netloc}{unquote(parts.path)}".rstrip("/"))
        if parts.scheme == "sftp" and parts.username and parts.path.strip("/"):
            return cls("sftp", unquote(parts.path).rstrip("/"), parts.hostname, port or 22, unquote(parts.username))
        raise ValueError(_FORMS)

    def __str__(self) -> str:
        match self.kind:
            case "folder":
                return self.path
            case "usb":
                return f"usb:{self.path}"
            case "s3":
                return f"s3://{quote(self.path)}"
            case _:
                host = f"[{self.host}]" if ":" in self.host else self.host
                port = "" if self.port == 22 else f":{self.port}"
                return f"sftp://{quote(self.user)}@{host}{port}{quote(self.path)}"


class BackupTarget(BaseModel):
    """A table `[[backup]]`. Secrets stand in files of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: Where = Field(description="the place")
    name: Slug | None = Field(None, description="what people call it")
    same_disk: bool = Field(False, description="a folder may lie on the disk of the branch's own data")
    key_file: Path | None = Field(None, description="private SSH key")
    host_key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9@.-]+ [A-Za-z0-9+/=]+$")] | None = Field(
        None, description="the SSH server's public key, such as 'ssh-ed25519 AAAA…'"
    )
    endpoint: str | None = Field(None, description="https://… of the S3 service")
    region: str = Field("", description="of the S3 service")
    access_key: str | None = Field(None, description="id of the S3 access key")
    secret_file: Path | None = Field(None, description="file that holds the S3 secret key")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needed = {"sftp": ("key_file", "host_key"), "s3": ("endpoint", "access_key", "secret_file")}.get(self.to.kind, ())
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(f"{self.to.kind} needs {' and '.join(missing)}")
        return self

    @property
    def label(self) -> str:
        """What it is called where people read of it."""
        return self.name or str(self.to)


class BackupSettings(Settings):
    """What `foleni-branch backup` is started with: the file of the branch server's own settings serves it as well."""

    data: Path = Field(description="folder of the branch's data")
    backup: tuple[BackupTarget, ...] = Field((), description="where backups go: tables [[backup]] of the settings file")
    backup_recipients: list[str] = Field([], description="public age keys, beside the one that backup-key has made")
    to: list[str] = Field([], description=f"only there instead: a folder, or usb:{STICK}")
    same_disk: bool = Field(False, description="--to may lie on the disk of the branch's own data")
    cloud_token_file: Path | None = Field(None, description="kept with the backup")
    http_cert: Path | None = Field(None, description="kept with the backup")
    http_key: Path | None = Field(None, description="kept with the backup")

    @model_validator(mode="after")
    def _told(self) -> Self:
        for place in self.to:
            if Where.parse(place).kind not in {"folder", "usb"}:
                raise ValueError(f"--to takes a folder or usb:{STICK}; describe other places as [[backup]]")
        labels = [target.label for target in self.backup]
        if len(set(labels)) < len(labels):
            raise ValueError("two tables [[backup]] have the same name")
        return self

    @property
    def targets(self) -> tuple[BackupTarget, ...]:
        """Where this backup goes; a stick, where nothing is said."""
        if self.to:
            return tuple(BackupTarget(to=Where.parse(place), same_disk=self.same_disk) for place in self.to)
        return self.backup or (BackupTarget(to=Where("usb", STICK)),)
