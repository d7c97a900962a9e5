"""Which messages a person wants, and by which ways: the JSON in `users.wishes`."""

from pydantic import Field, ValidationError, field_validator

from cloud.notices.occasions import Channel, Occasion
from foleni.messages.base import Message


class Wishes(Message):
    """Left out means the default: by SMS, and by push in each browser that allowed it. One-time codes always come by SMS."""

    channels: tuple[Channel, ...] = Field((Channel.SMS, Channel.PUSH), description="none: no messages at all")
    silent: tuple[Occasion, ...] = Field((), description="occasions of which this person wants to hear nothing")

    @field_validator("channels", "silent")
    @classmethod
    def _each_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value))

    def ways(self, occasion: Occasion) -> tuple[Channel, ...]:
        """The channels for an occasion; none where it is not wanted."""
        if occasion is Occasion.OTP:
            return (Channel.SMS,)
        return () if occasion in self.silent else self.channels


DEFAULT = Wishes()


def read(text: str | None) -> Wishes:
    """The wishes in a row; the default where they cannot be read."""
    try:
        return Wishes.model_validate_json(text or "{}")
    except ValidationError:
        return DEFAULT
