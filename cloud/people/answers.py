"""What people are told of themselves, and what they may say."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import Connection, Row, select

from cloud.notices import wishes as wished
from cloud.notices.wishes import Wishes
from cloud.pages import PHONE_LANGUAGES
from cloud.people.phones import PhoneNumber
from cloud.people.rights import RoleName
from cloud.store.tables import roles
from foleni.messages.base import Message
from foleni.times import WireTime
from foleni.words.catalogue import base_of


def _offered(text: str) -> str:
    if text not in PHONE_LANGUAGES:
        raise ValueError(f"must be one of {', '.join(PHONE_LANGUAGES)}")
    return text


Language = Annotated[str, AfterValidator(_offered)]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s<>\"',;:]+@[^@\s<>\"',;:]+\.[^@\s<>\"',;:]+$")]
PersonName = Annotated[str, StringConstraints(max_length=64)]


class OtpRequest(Message):
    phone: PhoneNumber
    language: str = Field("en", max_length=35, description="of the message")

    @property
    def spoken(self) -> str:
        base = base_of(self.language)
        return base if base in PHONE_LANGUAGES else "en"


class OtpSent(Message):
    """The same for every phone, whether anybody knows it or not."""

    expires_in: int = Field(description="seconds for which the code is good")


class OtpCheck(Message):
    phone: PhoneNumber
    code: str = Field(pattern=r"^[0-9]{6}$")
    language: str | None = Field(None, max_length=35, description="of a person who signs in for the first time")


class RoleView(Message):
    """`branch` None: at all of the organization; `organization` None: everywhere."""

    role: RoleName
    organization: str | None
    branch: str | None


class Me(Message):
    id: str
    phone: str | None
    name: str
    language: str
    email: str | None
    wishes: Wishes
    roles: tuple[RoleView, ...]
    created_at: WireTime


class MeChange(Message):
    """What is left out stays as it is."""

    name: PersonName = ""
    language: Language = "en"
    email: Email | None = None
    wishes: Wishes = Wishes()

    def columns(self) -> dict[str, object]:
        """The columns that change."""
        told = {name: getattr(self, name) for name in self.model_fields_set if name != "wishes"}
        if "wishes" in self.model_fields_set:
            told["wishes"] = json.dumps(self.wishes.model_dump(mode="json", exclude_unset=True))
        return told


class Tokens(Message):
    """`access_token` goes into `Authorization: Bearer …` for `expires_in` seconds; `refresh_token` brings the next."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105 - a kind, no secret
    expires_in: int
    user: Me


class RefreshRequest(Message):
    """Empty where the cookie carries the token."""

    refresh_token: str | None = Field(None, max_length=200)


def me(c: Connection, user: Row[Any]) -> Me:
    """What a person sees of themselves: a row of `users`."""
    held = c.execute(select(roles).where(roles.c.user == user.id).order_by(roles.c.id)).all()
    return Me(
        id=user.id, phone=user.phone, name=user.name, language=user.language, email=user.email,
        wishes=wished.read(user.wishes), created_at=user.created_at,
        roles=tuple(RoleView(role=one.role, organization=one.organization, branch=one.branch) for one in held),
    )  # fmt: skip
