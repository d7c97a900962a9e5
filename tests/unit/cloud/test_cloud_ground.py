"""The ground on which the cloud stands: what an error tells, whose address it is, and bells that were lost."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import Request
from sqlalchemy.exc import DBAPIError

from cloud.bus.bus import LocalBus
from cloud.requests import address_of, network_of
from cloud.store.database import Database
from cloud.store.tables import otps


def test_an_error_of_the_database_names_no_phone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'cloud.sqlite'}", threads=1)
    database.open()
    with pytest.raises(DBAPIError) as failed:
        database.run_here(lambda c: c.execute(otps.insert().values(id="1", phone="+250788000001", hash="123456")).rowcount)
    database.close()
    assert "+250788000001" not in str(failed.value)
    assert "123456" not in str(failed.value)


def request_from(*forwarded: str, behind_proxy: bool) -> Request:
    site = SimpleNamespace(settings=SimpleNamespace(behind_proxy=behind_proxy))
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    app = SimpleNamespace(state=SimpleNamespace(site=site))
    return Request({"type": "http", "headers": headers, "client": ("192.0.2.1", 1), "app": app})


@pytest.mark.parametrize("forwarded", [["198.51.100.7"], ["203.0.113.9, 198.51.100.7"], ["203.0.113.9", "198.51.100.7"]])
def test_the_address_is_what_our_own_proxy_says_whatever_the_caller_has_sent_along(forwarded: list[str]) -> None:
    assert address_of(request_from(*forwarded, behind_proxy=True)) == "198.51.100.7"
    assert address_of(request_from(*forwarded, behind_proxy=False)) == "192.0.2.1"


@pytest.mark.parametrize(
    ("address", "network"),
    [("198.51.100.7", "198.51.100.7"), ("::ffff:198.51.100.7", "198.51.100.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
     ("unknown", "unknown")],
)  # fmt: skip
def test_limits_count_a_household_with_many_addresses_as_one(address: str, network: str) -> None:
    assert network_of(request_from(address, behind_proxy=True)) == network


def test_after_bells_were_lost_everybody_looks() -> None:
    async def waits() -> list[bool]:
        bus = LocalBus()
        with bus.listening("commands:one") as one, bus.listening("changed:two") as two:
            bus.ring_all()
            return [await one.heard(5.0), await two.heard(5.0)]

    assert asyncio.run(waits()) == [True, True]
