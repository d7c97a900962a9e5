"""What `foleni-web` is started with."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from foleni.ids import Slug
from foleni.messages.joining import server_name
from foleni.settings import HostPort, MqttUrl, Settings
from foleni.web.certificate import Pair
from foleni.web.safety import unsafe


class WebSettings(Settings):
    """Which branch, over which broker, and where browsers find it."""

    data: Path = Field(description="folder of the branch's data; its database is only read")
    mqtt: MqttUrl = Field(description="mqtt[s]://user:password@host:port of the branch's broker")
    branch: Slug = Field(description="id of the branch")
    http: HostPort = Field(description="address of the consoles and the HTTP API; port 0 is a free one")
    http_cert: Path | None = Field(None, description="TLS certificate chain in PEM; needed where the address is not loopback")
    http_key: Path | None = Field(None, description="private key of the certificate in PEM")
    http_plain: bool = Field(False, description="allow an address that is not loopback without TLS, behind a proxy that has it")

    backups: list[str] = Field([], description="names of the places that backups go to, for their page")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if fault := unsafe(self.http, self.http_cert, self.http_key, plain=self.http_plain):
            raise ValueError(fault)
        return self

    @property
    def is_tls(self) -> bool:
        return self.http_cert is not None

    @property
    def is_own_certificate(self) -> bool:
        """Whether what browsers are shown comes from the branch's own authority."""
        return self.http_cert is not None and self.http_cert == self._own_chain

    @property
    def own_pair(self) -> Pair | None:
        """The branch's own certificate for boxes that join, which ask for its name, where browsers are shown another one."""
        if not self.is_tls or self.is_own_certificate or not self._own_chain.exists():
            return None
        return Pair(self._own_chain, self.data / "tls" / "server.key", server_name(self.branch))

    @property
    def _own_chain(self) -> Path:
        return self.data / "tls" / "server.pem"
