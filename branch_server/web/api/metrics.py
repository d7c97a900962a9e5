"""What Prometheus is told: the queue, the commands, the streams, the devices."""

from collections import Counter as Tally
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from branch_server.domain.events import Recorded
from branch_server.domain.state import CounterState, Queue
from branch_server.web.api.hooks.book import HookBook
from branch_server.web.site import Site
from foleni import __version__
from foleni.ids import TicketId
from foleni.times import SECOND_US, Instant

_BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_LAST = Instant(1 << 62)


class Meter:
    """Counts what happens; `text` is what a scrape reads. On the event loop's thread only."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._commands = Counter("foleni_commands", "commands asked over HTTP", ("type", "outcome"), registry=self.registry)
        self._seconds = Histogram(
            "foleni_command_seconds", "from a command's arrival to its answer", ("type",), buckets=_BUCKETS_S,
            registry=self.registry,
        )  # fmt: skip
        self._events = Counter("foleni_events", "events of the log, whoever caused them", ("type",), registry=self.registry)
        self._turned_away = Counter("foleni_turned_away", "requests over a rate limit", registry=self.registry)
        ProcessCollector(registry=self.registry)

    def command(self, command_type: str, outcome: str, seconds: float) -> None:
        self._commands.labels(command_type, outcome).inc()
        self._seconds.labels(command_type).observe(seconds)

    def events(self, fresh: Sequence[Recorded]) -> None:
        for event_type, count in Tally(recorded.event.type for recorded in fresh).items():
            self._events.labels(event_type).inc(count)

    def turned_away(self) -> None:
        self._turned_away.inc()

    def text(self) -> bytes:
        return generate_latest(self.registry)


class Hall(Collector):
    """The queue, the devices and the webhooks as they are at the moment of a scrape."""

    def __init__(self, site: Site, book: HookBook) -> None:
        self._site, self._book = site, book

    def collect(self) -> Iterator[Metric]:
        yield from self._queues()
        yield from self._counters()
        yield from self._devices()
        yield from self._hooks()
        yield from self._program()

    def _queues(self) -> Iterator[Metric]:
        follower = self._site.follower
        state, now = follower.state, follower.now()
        waiting = GaugeMetricFamily("foleni_waiting", "tickets that wait", labels=["service"])
        expected = GaugeMetricFamily("foleni_expected_wait_seconds", "of who joins now", labels=["service", "quantile"])
        longest = GaugeMetricFamily("foleni_longest_wait_seconds", "of those who wait", labels=["service"])
        is_open = GaugeMetricFamily("foleni_service_open", "1 where it takes tickets", labels=["service"])
        for service, queue in state.queues.items():
            wait = follower.waits.estimate(state, queue, _LAST, TicketId("~"), now)
            waiting.add_metric([service], queue.length)
            expected.add_metric([service, "0.5"], wait.p50_s)
            expected.add_metric([service, "0.9"], wait.p90_s)
            longest.add_metric([service], self._longest_s(queue, now))
            is_open.add_metric([service], float(queue.state == "open"))
        yield from (waiting, expected, longest, is_open)
        tickets = GaugeMetricFamily("foleni_tickets", "tickets of today", labels=["status"])
        for status, count in state.counts().items():
            tickets.add_metric([str(status)], count)
        yield tickets

    def _longest_s(self, queue: Queue, now: Instant) -> float:
        tickets = self._site.follower.state.tickets
        earliest = min((tickets[ticket].joined_at for _, ticket in queue.waiting), default=now)
        return float(max(0, now - earliest) / SECOND_US)

    def _counters(self) -> Iterator[Metric]:
        desks = self._site.follower.state.desks.values()
        states = Tally(str(desk.state) for desk in desks)
        counters = GaugeMetricFamily("foleni_counters", "counters by state", labels=["state"])
        for counter_state in CounterState:
            counters.add_metric([str(counter_state)], states[str(counter_state)])
        yield counters
        in_hand = sum(desk.in_hand is not None for desk in desks)
        yield GaugeMetricFamily("foleni_in_hand", "counters with a ticket in hand", value=in_hand)

    def _devices(self) -> Iterator[Metric]:
        heard, known = self._site.lan.devices, self._site.follower.state.devices
        online = GaugeMetricFamily("foleni_device_online", "1 where a device is there", labels=["device", "kind"])
        printers = GaugeMetricFamily("foleni_printer", "1 for the state that a printer is in", labels=["device", "state"])
        for name, device in known.items():
            status = heard[name].status if name in heard else None
            online.add_metric([name, device.kind.value], float(status is not None and status.online))
            if status is not None and status.online and status.printer is not None:
                printers.add_metric([name, status.printer.state], 1)
        yield from (online, printers)

    def _hooks(self) -> Iterator[Metric]:
        failing = sum(hook.failing_since is not None or hook.switched_off is not None for hook in self._book.all())
        yield GaugeMetricFamily("foleni_hooks_failing", "webhooks whose address does not answer well", value=failing)
        yield GaugeMetricFamily("foleni_hook_deliveries_waiting", "deliveries on their way", value=self._book.waiting())

    def _program(self) -> Iterator[Metric]:
        site = self._site
        yield GaugeMetricFamily("foleni_streams", "open event streams", value=site.hub.open_streams)
        yield GaugeMetricFamily("foleni_event_seq", "the last event that the web side has", value=site.follower.state.seq)
        yield GaugeMetricFamily("foleni_server_live", "1 where commands reach the engine", value=float(site.lan.is_live))
        yield GaugeMetricFamily("foleni_alerts", "alerts that are raised", value=len(site.follower.state.alerts))
        build = GaugeMetricFamily("foleni_build_info", "which version this is", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
