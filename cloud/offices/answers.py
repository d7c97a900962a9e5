"""Organizations, branches and their tokens, as administrators say and see them."""

import json
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import Row

from foleni.ids import Slug
from foleni.messages.base import LanguageCode, Message, Text, Texts
from foleni.times import WireTime


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError("is no time zone, such as Africa/Kigali") from None
    return name


ZoneName = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
OfficeName = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Days = Annotated[int, Field(ge=1, le=3650)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class Organization(Message):
    """`retention_days`: so long contact data is kept."""

    id: str
    name: str
    retention_days: int
    is_active: bool
    created_at: WireTime


class NewOrganization(Message):
    id: Slug
    name: OfficeName
    retention_days: Days = 180


class OrganizationChange(Message):
    """What is left out stays as it is."""

    name: OfficeName = ""
    retention_days: Days = 180
    is_active: bool = True


class Office(Message):
    """A branch as its administrators see it. `texts`: own words of messages, by occasion and language."""

    id: str
    organization: str
    name: Texts
    time_zone: str
    languages: tuple[str, ...]
    address: str
    latitude: float | None
    longitude: float | None
    code: int
    near_ahead: int
    texts: dict[str, Texts]
    is_active: bool
    created_at: WireTime
    heard_at: WireTime | None = None
    fault: str = ""


class NewBranch(Message):
    """The branch's own server tells its names, services and hours as soon as it is connected."""

    id: Slug
    organization: Slug
    name: OfficeName = ""
    address: Text = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    time_zone: ZoneName = "UTC"
    languages: tuple[LanguageCode, ...] = ("en",)
    code: int | None = Field(None, ge=1, le=999_999, description="what a caller types; the next free one where left out")


class BranchChange(Message):
    """What is left out stays as it is."""

    address: Text = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    code: int = Field(1, ge=1, le=999_999)
    near_ahead: int = Field(3, ge=0, le=50)
    texts: dict[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")], Texts] = Field({}, max_length=20)
    is_active: bool = True

    def columns(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in self.model_fields_set}
        if "texts" in told:
            told["texts"] = json.dumps(told["texts"], ensure_ascii=False)
        return told


class TokenView(Message):
    """A branch's token, without its secret."""

    id: str
    created_at: WireTime
    created_by: str
    expires_at: WireTime | None
    revoked_at: WireTime | None
    last_used_at: WireTime | None


class MadeToken(Message):
    """`token` is shown only this once. Older tokens of the branch are good until `older_until`."""

    id: str
    token: str
    older_until: WireTime | None = None


class MadeBranch(Message):
    branch: Office
    token: MadeToken


def organization_of(row: Row[Any]) -> Organization:
    return Organization(
        id=row.id, name=row.name, retention_days=row.retention_days, is_active=row.is_active, created_at=row.created_at
    )


def office_of(row: Row[Any], pulse: Row[Any] | None = None) -> Office:
    return Office(
        id=row.id, organization=row.organization, name=json.loads(row.name), time_zone=row.time_zone,
        languages=tuple(json.loads(row.languages)), address=row.address, latitude=row.latitude, longitude=row.longitude,
        code=row.code, near_ahead=row.near_ahead, texts=json.loads(row.texts or "{}"), is_active=row.is_active,
        created_at=row.created_at, heard_at=pulse.heard_at if pulse is not None else None,
        fault=pulse.fault if pulse is not None else "",
    )  # fmt: skip


def token_of(row: Row[Any]) -> TokenView:
    return TokenView(
        id=row.id, created_at=row.created_at, created_by=row.created_by, expires_at=row.expires_at, revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )  # fmt: skip
