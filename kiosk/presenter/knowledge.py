"""Everything that the presenter knows at one moment."""

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from foleni.messages.setup import ServiceState
from foleni.messages.state import DeviceConfig, Services, ServiceSummary
from foleni.station.station import Reach
from foleni.times import Instant, from_wire, to_datetime
from kiosk.presenter.branch import BranchFacts, facts_of
from kiosk.presenter.news import Facts, PrinterState, Stock

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as it can be had now. `waiting` and the waits are None where nobody can know them."""

    service: str
    state: ServiceState
    is_full: bool = False
    reopens_at: Instant | None = None
    reason: str = ""
    waiting: int | None = None
    wait_p50_s: int = 0
    wait_p90_s: int = 0

    @property
    def can_be_chosen(self) -> bool:
        return self.state is ServiceState.OPEN and not self.is_full


@dataclass(slots=True)
class Knowledge:
    """What was heard last of everything. Only the presenter changes it."""

    facts: BranchFacts | None = None
    services: Services | None = None
    reach: Reach = Reach.NO_LINK
    printer: PrinterState | None = None
    stock: Stock = field(default_factory=lambda: Stock(broken=False))

    def learn(self, news: Facts) -> None:
        """A configuration that cannot be read is logged, and the one before stays."""
        match news:
            case DeviceConfig():
                self._configure(news)
            case Services():
                self.services = news
            case Reach():
                self.reach = news
            case Stock():
                self.stock = news
            case _:
                self.printer = news

    @property
    def can_number(self) -> bool:
        """Whether a ticket can be had at all: from the branch server, or of the kiosk's own series."""
        return self.reach is Reach.LIVE or (self.facts is not None and self.facts.issuer is not None)

    def offers(self, now: Instant) -> list[Offer]:
        """All services of the branch, in its order, with what is known of each."""
        summaries = {summary.id: summary for summary in self.services.services} if self.services else {}
        return [self._offer(name, summaries.get(name), now) for name in self._names()]

    def offer(self, service: str, now: Instant) -> Offer | None:
        return next((offer for offer in self.offers(now) if offer.service == service), None)

    @property
    def zone(self) -> str:
        """The branch's time zone."""
        return self.facts.branch.time_zone if self.facts is not None else "UTC"

    def local(self, instant: Instant) -> datetime:
        """An instant on the clock at the wall of the branch."""
        return to_datetime(instant).astimezone(ZoneInfo(self.zone))

    def _configure(self, config: DeviceConfig) -> None:
        try:
            self.facts = facts_of(config)
        except ValidationError as error:
            faults = error.errors(include_input=False, include_url=False)
            logger.error("the configuration cannot be read: %s", faults[0]["msg"])

    def _names(self) -> list[str]:
        return [service.id for service in self.facts.services] if self.facts is not None else []

    def _offer(self, name: str, summary: ServiceSummary | None, now: Instant) -> Offer:
        """A limit counts only while the server keeps it: a paper beyond it is taken in, and yesterday's is over."""
        if summary is None:
            return Offer(name, ServiceState.OPEN)
        live = self.reach is Reach.LIVE
        state, reopens_at = _state_of(summary, now, live=live)
        known = Offer(name, state, live and summary.full, reopens_at, summary.reason or "")
        if not live:
            return known
        return replace(known, waiting=summary.waiting, wait_p50_s=summary.wait_p50_s, wait_p90_s=summary.wait_p90_s)


def _state_of(summary: ServiceSummary, now: Instant, *, live: bool) -> tuple[ServiceState, Instant | None]:
    """A service that was to open again meanwhile is taken as open where the server cannot say it."""
    reopens_at = _instant(summary.reopens_at)
    if not live and reopens_at is not None and reopens_at <= now:
        return ServiceState.OPEN, None
    try:
        return ServiceState(summary.state), reopens_at
    except ValueError:
        return ServiceState.CLOSED, reopens_at


def _instant(text: str | None) -> Instant | None:
    try:
        return None if text is None else from_wire(text)
    except ValueError:
        return None
