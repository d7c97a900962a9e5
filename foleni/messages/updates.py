"""What a box and its branch server say to each other about updates, over HTTPS, as JSON.

A box asks (`POST /updates/v1/ask`) and tells at the same time how it stands; the answer says what is offered to it, and
whether it may restart at this moment. The bundle itself is fetched from `/updates/v1/bundles/<sha256>`, in pieces where the
line breaks. A box signs in with its own account (HTTP Basic): the password that it has for the broker.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from foleni.messages.base import Message, Uuid

PREFIX = "/updates/v1"
SERVER = "_server"
"""The account of the branch server's own box; no device can have this name."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Release = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+~-]{0,47}$")]
"""A version, such as `0.2.0` or `0.2.0+20261121`."""
Compatible = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""Which boxes a bundle is made for, such as `foleni-kiosk-x86-64`."""
Reason = Annotated[str, StringConstraints(max_length=300)]

Step = Literal["resting", "fetching", "installing", "installed", "trying"]
"""What a box is doing: `installed` waits for its restart, `trying` runs a new version that has not proved itself yet."""
Came = Literal["good", "refused", "failed", "rolled_back"]
"""How it ended: `refused` before anything was written, `failed` while writing, `rolled_back` after the box had run it."""


class Outcome(Message):
    """How the last plan ended on a box."""

    plan: Uuid
    version: Release
    came: Came
    reason: Reason = ""


class Report(Message):
    """How a box stands. `other` is the version in the slot that does not run, where it could be started."""

    compatible: Compatible
    version: Release
    slot: Annotated[str, StringConstraints(max_length=16)]
    other: Release | None = None
    step: str = "resting"
    plan: Uuid | None = None
    """The plan that `step` belongs to."""
    percent: Annotated[int, Field(ge=0, le=100)] | None = None
    """How much is fetched."""
    waits_for: Reason = ""
    """Why an installed version is not started yet, where the box itself is the reason."""
    outcome: Outcome | None = None


class Offer(Message):
    """A version that a box should have. Without `sha256` it is the one in its other slot: a way back."""

    plan: Uuid
    version: Release
    sha256: Sha256 | None = None
    size: Annotated[int, Field(ge=1)] | None = None
    downgrade: bool = False
    """Whether somebody chose an older version on purpose."""


class Answer(Message):
    """What is offered now. What a box had begun and is not offered any more is dropped."""

    offer: Offer | None = None
    restart: bool = False
    """Whether the box may restart into the new version at this moment."""
    again_s: Annotated[int, Field(ge=1, le=86_400)] = 900
