"""Which gateways may send, as the settings name them; and what of it is written as their companies write it."""

import hmac
import ipaddress
import re
from typing import Annotated, Literal, Self

import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from cloud.ussd.machine import LANGUAGES
from foleni.ids import Slug

Kind = Literal["africastalking", "hubtel", "nalo", "arkesel"]
_LEAST_SECRET = 16
_NUMBER = re.compile(r"\+?[0-9]{4,20}")
_DIALLED = re.compile(r"[*#0-9]{1,40}")


def _long(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < _LEAST_SECRET:
        raise ValueError(f"must have {_LEAST_SECRET} letters or more")
    return secret


def _network(text: str) -> str:
    ipaddress.ip_network(text)
    return text


def _country(text: str) -> str:
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be a country such as GH")
    return text


class Gateway(BaseModel):
    """A `[[gateway]]` of the settings. It proves itself by its `secret`, by its address, or by both where both are given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Slug
    kind: Kind
    secret: Annotated[SecretStr, AfterValidator(_long)] | None = None
    addresses: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    country: Annotated[str, AfterValidator(_country)] | None = None
    code: Annotated[str, Field(pattern=r"^\*[0-9*]{1,20}#$")] | None = None
    languages: Annotated[tuple[str, ...], Field(min_length=1)] = LANGUAGES

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if self.secret is None and not self.addresses:
            raise ValueError("give a secret, addresses, or both: else anybody could take tickets in any name")
        if strange := set(self.languages) - set(LANGUAGES):
            raise ValueError(f"languages: {', '.join(sorted(strange))}: there are {', '.join(LANGUAGES)}")
        return self

    def trusts(self, key: str, address: str) -> bool:
        """Whether a request with this key from this address is the gateway's own."""
        if self.secret is not None and not hmac.compare_digest(self.secret.get_secret_value().encode(), key.encode()):
            return False
        return not self.addresses or self._is_from(address)

    def e164(self, text: str) -> str | None:
        """A caller's number as `+250788123456`; None where it is none. National forms are those of `country`."""
        digits = "".join(text.split()).replace("-", "")
        if not _NUMBER.fullmatch(digits):
            return None
        forms = (
            [(digits, None)] if digits.startswith("+") else [(digits, self.country), (f"+{digits.removeprefix('00')}", None)]
        )
        for form, country in forms:
            if (number := _parsed(form, country)) is not None:
                return number
        return None

    def extension(self, dialled: str) -> str:
        """`1042` of `*384*1042#`, where the code of the service is `*384#`; else nothing."""
        if self.code is None or not _DIALLED.fullmatch(dialled):
            return ""
        rest = dialled.removesuffix("#").removeprefix(self.code.removesuffix("#") + "*")
        return rest if rest.isdigit() else ""

    def _is_from(self, address: str) -> bool:
        try:
            one = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(one in ipaddress.ip_network(network) for network in self.addresses)


def named_once(gateways: tuple[Gateway, ...]) -> tuple[Gateway, ...]:
    """Raises `ValueError` where two have one name."""
    names = [gateway.name for gateway in gateways]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two are named {', '.join(sorted(twice))}")
    return gateways


def simulated(kind: Kind) -> Gateway:
    """One that trusts everybody: only for the simulator."""
    return Gateway.model_construct(name=f"simulator-{kind}", kind=kind, secret=None, addresses=(), country=None, code="*384#",
                                   languages=LANGUAGES)  # fmt: skip


Gateways = Annotated[tuple[Gateway, ...], AfterValidator(named_once)]


def _parsed(text: str, country: str | None) -> str | None:
    if country is None and not text.startswith("+"):
        return None
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
