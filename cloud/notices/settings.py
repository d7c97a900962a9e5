"""Who sends messages: the `[[provider]]` tables of the settings file."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, TypeAdapter, ValidationError, field_validator
from pydantic_core import ErrorDetails

from cloud.notices.occasions import Channel
from foleni.ids import Slug

_HookSecret = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,128}$")]
_BaseUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+[^\s?#]*$")]
_EXAMPLES = {Channel.SMS: "+250788000001", Channel.WHATSAPP: "+250788000001", Channel.EMAIL: "somebody@example.org"}
TO = "{to}"
"""Where the recipient stands in an Apprise URL."""


class _Provider(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Slug = Field("", validate_default=False, description="in reports and in the addresses of hooks; default: the kind")
    at_once: int = Field(8, ge=1, le=64, description="so many messages are handed over at the same time, in each process")
    timeout_s: float = Field(5.0, ge=0.2, le=15.0, description="an answer that takes longer is none")


class _Hooked(_Provider):
    secret: _HookSecret | None = Field(
        None, description="stands in the address of reports and of what comes in; without it there is neither"
    )


class AfricasTalkingSettings(_Hooked):
    """SMS by Africa's Talking."""

    kind: Literal["africastalking"]
    username: str = Field(min_length=1)
    key: SecretStr = Field(min_length=1)
    sender: str | None = Field(None, max_length=20, description="the short code or name that the network knows")
    url: _BaseUrl = "https://api.africastalking.com"


class TwilioSettings(_Hooked):
    """SMS by Twilio where there is a `sender`, WhatsApp where there is a `whatsapp_sender`."""

    kind: Literal["twilio"]
    account: str = Field(pattern=r"^[A-Za-z0-9]{2,64}$")
    token: SecretStr = Field(min_length=1)
    sender: str | None = Field(None, min_length=3, max_length=40, description="a number, or a messaging service (MG…)")
    whatsapp_sender: str | None = Field(None, pattern=r"^\+[0-9]{6,15}$")
    url: _BaseUrl = "https://api.twilio.com"


class AppriseSettings(_Provider):
    """Anything that Apprise can send by; `{to}` in the URL is the recipient."""

    kind: Literal["apprise"]
    channel: Literal[Channel.SMS, Channel.WHATSAPP, Channel.EMAIL]
    url: SecretStr

    @field_validator("url")
    @classmethod
    def _names_recipient(cls, value: SecretStr) -> SecretStr:
        if TO not in value.get_secret_value():
            raise ValueError("must name the recipient as {to}")
        return value


ProviderSettings = AfricasTalkingSettings | TwilioSettings | AppriseSettings

_ALL = TypeAdapter(tuple[Annotated[ProviderSettings, Field(discriminator="kind")], ...])


def parsed(tables: tuple[dict[str, Any], ...]) -> tuple[ProviderSettings, ...]:
    """The providers in their order. Raises `ValueError` with all faults in one line; secrets are not in it."""
    try:
        providers = _ALL.validate_python(tables)
    except ValidationError as error:
        raise ValueError("; ".join(_told(fault) for fault in error.errors(include_url=False, include_input=False))) from None
    named = tuple(one if one.name else one.model_copy(update={"name": one.kind}) for one in providers)
    faults = [fault for place, one in enumerate(named) if (fault := _fault(one, [other.name for other in named[:place]]))]
    if faults:
        raise ValueError("; ".join(faults))
    return named


def _told(fault: ErrorDetails) -> str:
    place, *deeper = fault["loc"]
    field = str(deeper[-1]) if len(deeper) > 1 else "kind" if fault["type"].startswith("union_tag") else ""
    reason = "missing" if fault["type"] == "missing" else fault["msg"].removeprefix("Value error, ")
    return f"provider {int(place) + 1}{f', {field}' if field else ''}: {reason}"


def _fault(one: ProviderSettings, before: list[str]) -> str:
    if one.name in before:
        return f"provider {one.name}: there are two of this name; give one of them another"
    if isinstance(one, TwilioSettings) and one.sender is None and one.whatsapp_sender is None:
        return f"provider {one.name}: needs a sender or a whatsapp_sender"
    if isinstance(one, AppriseSettings) and not _is_known_to_apprise(one):
        return f"provider {one.name}, url: Apprise does not understand it"
    return ""


def _is_known_to_apprise(one: AppriseSettings) -> bool:
    from cloud.notices.providers.by_apprise import instance  # noqa: PLC0415 - it is large; most clouds do without

    return instance(one.url.get_secret_value(), _EXAMPLES[one.channel], one.timeout_s) is not None
