"""What all messages share: frozen, validated, and versioned by adding (unknown fields are ignored)."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from foleni.ids import canonical_uuid, checked_uuid

Uuid = Annotated[str, AfterValidator(canonical_uuid)]
EchoedUuid = Annotated[str, BeforeValidator(checked_uuid)]
"""A UUID that is given back letter by letter, so that whoever sent it knows it again."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(max_length=500)]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Texts = dict[LanguageCode, Text]


class Message(BaseModel):
    """A JSON object on the wire."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    def to_wire(self) -> bytes:
        """The message as JSON in UTF-8, with only the optional fields that were given."""
        return self.model_dump_json(exclude_unset=True).encode()
