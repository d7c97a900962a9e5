"""The settings that all device programs share."""

from pydantic import Field

from foleni.ids import Slug
from foleni.settings import MqttUrl, Settings


class StationSettings(Settings):
    """Where a device finds its branch, and who it is there."""

    mqtt: MqttUrl = Field(description="mqtt[s]://user:password@host:port of the branch's broker")
    branch: Slug = Field(description="id of the branch")
    device: Slug = Field(description="id of this device in the branch")
