"""What Prometheus is told of the box that the branch server runs on: backups, disk, certificates."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from branch_server.keeping.content import DATABASES
from branch_server.keeping.status import read_status
from branch_server.web.site import Site
from foleni.times import SECOND_US

_DAY_S = 24 * 60 * 60
_CERTIFICATES = {"authority": "ca.pem", "server": "server.pem"}


class Box(Collector):
    """Looked at anew at each scrape."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def collect(self) -> Iterator[Metric]:
        yield from self._backups()
        yield from self._disk()
        yield from self._certificates()
        term = GaugeMetricFamily(
            "foleni_term", "how often the branch has changed its server", value=self._site.follower.state.term
        )
        raised = GaugeMetricFamily("foleni_alert", "1 for each alert that is raised", labels=["alert"])
        for alert in self._site.follower.state.alerts:
            raised.add_metric([alert], 1)
        yield from (term, raised)

    def _backups(self) -> Iterator[Metric]:
        status = read_status(self._site.data)
        is_well = GaugeMetricFamily("foleni_backup_ok", "1 where the last backup reached every place")
        good = GaugeMetricFamily(
            "foleni_backup_good_seconds", "when a place got its last good backup, since 1970", labels=["target"]
        )
        size = GaugeMetricFamily("foleni_backup_bytes", "of a place's last good backup", labels=["target"])
        if status is not None:
            is_well.add_metric([], float(status.ok))
            for kept in status.targets:
                good.add_metric([kept.target], kept.good_at / SECOND_US if kept.good_at is not None else 0)
                size.add_metric([kept.target], kept.bytes)
        yield from (is_well, good, size)

    def _disk(self) -> Iterator[Metric]:
        found = os.statvfs(self._site.data)
        yield GaugeMetricFamily(
            "foleni_disk_bytes", "of the disk with the branch's data", value=found.f_blocks * found.f_frsize
        )
        yield GaugeMetricFamily("foleni_disk_free_bytes", "of that, free", value=found.f_bavail * found.f_frsize)
        databases = GaugeMetricFamily("foleni_database_bytes", "of a database, with its log", labels=["database"])
        for name in DATABASES:
            databases.add_metric([name], sum(_size(self._site.data / f"{name}{suffix}") for suffix in ("", "-wal")))
        yield databases

    def _certificates(self) -> Iterator[Metric]:
        left = GaugeMetricFamily("foleni_certificate_days_left", "until a certificate ends", labels=["certificate"])
        paths = {name: self._site.data / "tls" / file for name, file in _CERTIFICATES.items()}
        own = self._site.settings.http_cert
        if own is not None and own not in paths.values():
            paths["organization"] = own
        for name, path in paths.items():
            with suppress(OSError, ValueError):
                ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
                left.add_metric([name], (ends.timestamp() - time.time()) / _DAY_S)
        yield left


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0
