"""The branch as a kiosk knows it: its configuration in typed form, and the newest state of its services."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from foleni.messages.setup import Branch, PriorityClass, Service, Template
from foleni.messages.state import DeviceConfig
from foleni.words import pick

logger = logging.getLogger(__name__)

M = TypeVar("M", bound=BaseModel)

_NEVER_CLAIMED = frozenset({"normal", "appointment", "vip"})


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """What the branch server has told this kiosk."""

    device: str
    branch: Branch
    services: tuple[Service, ...]
    priorities: tuple[PriorityClass, ...]
    """Those that a customer may claim at a kiosk."""
    issuer: str | None
    """The letter of the kiosk's own number series; without it the kiosk can give no number alone."""
    template: Template | None
    name: Mapping[str, str] = field(default_factory=dict)
    """What people call this kiosk."""

    @property
    def language(self) -> str:
        """The branch's first language."""
        return self.branch.languages[0]

    def service(self, name: str) -> Service | None:
        return next((service for service in self.services if service.id == name), None)

    def in_words(self, texts: Mapping[str, str], language: str) -> str:
        return pick(texts, language, self.language)

    def service_name(self, name: str, language: str) -> str:
        """A service's name; its id where it is no longer offered."""
        service = self.service(name)
        return name if service is None else self.in_words(service.name, language)


def facts_of(config: DeviceConfig) -> BranchFacts:
    """Raises `ValueError` where there is no branch in it. Parts that cannot be read are left out, fields unknown here too."""
    return BranchFacts(
        device=config.device,
        branch=_read(Branch, config.branch),
        services=tuple(_readable(Service, config.services)),
        priorities=tuple(each for each in _readable(PriorityClass, config.priorities) if each.id not in _NEVER_CLAIMED),
        issuer=config.issuer,
        template=next(iter(_readable(Template, config.templates)), None),
        name=config.name,
    )


def _readable(model: type[M], raws: Iterable[Mapping[str, Any]]) -> Iterable[M]:
    for raw in raws:
        try:
            yield _read(model, raw)
        except ValidationError as error:
            faults = error.errors(include_input=False, include_url=False)
            logger.warning("a %s of the configuration cannot be read: %s", model.__name__.lower(), faults[0]["msg"])


def _read(model: type[M], raw: Mapping[str, Any]) -> M:
    return model.model_validate({name: value for name, value in raw.items() if name in model.model_fields})
