"""What `foleni-cloud` is started with."""

from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from cloud.notices.settings import parsed
from cloud.ussd.trust import Gateways
from foleni.settings import HostPort, Settings
from foleni.web.safety import unsafe


class CloudSettings(Settings):
    """Where people and branches find the cloud, and what stands behind it."""

    http: HostPort = Field(description="address of the app, the API and the sync; port 0 is a free one")
    database: str = Field(description="postgresql://user:password@host/name, or sqlite:///file for a demo")
    redis: str | None = Field(None, description="redis://host:port, where there is more than one process")
    public_url: str | None = Field(None, description="https://… as people type it, for links in messages (default: --http)")
    http_cert: Path | None = Field(None, description="TLS certificate chain in PEM; needed where the address is not loopback")
    http_key: Path | None = Field(None, description="private key of the certificate in PEM")
    http_plain: bool = Field(False, description="allow an address that is not loopback without TLS, behind a proxy that has it")
    behind_proxy: bool = Field(False, description="trust X-Forwarded-For of whoever connects: only behind a proxy of your own")
    simulator: bool = Field(False, description="offer the USSD simulator at /ussd/simulator; never where real people are")
    provider: tuple[dict[str, Any], ...] = Field((), description="who sends messages, in the order in which they are tried")
    gateway: Gateways = Field((), description="telephone companies that send USSD, with their secrets")
    metrics_token: str | None = Field(
        None, min_length=16, description="bearer token with which Prometheus reads /metrics from beyond this machine"
    )
    push_contact: str = Field("mailto:support@example.org", description="whom a push service may ask about our web pushes")

    @field_validator("provider")
    @classmethod
    def _known_providers(cls, value: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        parsed(value)
        return value

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if fault := unsafe(self.http, self.http_cert, self.http_key, plain=self.http_plain):
            raise ValueError(fault)
        return self

    @property
    def is_tls(self) -> bool:
        return self.http_cert is not None
