"""Whom the settings let in, and what a gateway's numbers mean."""

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.routing import Match

from cloud.bus.bus import LocalBus
from cloud.settings import CloudSettings
from cloud.site import Site
from cloud.store.database import Database
from cloud.ussd import feature
from cloud.ussd.trust import Gateway

SECRET = "sixteen letters!"
MINE = "+250788123456"


def _gateway(**fields: Any) -> Gateway:
    return Gateway.model_validate({"name": "one", "kind": "hubtel", "secret": SECRET, **fields})


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": None}, {"secret": "short"}, {"kind": "pigeon"}, {"name": "Not a slug"}, {"addresses": ["everywhere"]},
        {"country": "Rwanda"}, {"code": "384"}, {"languages": []}, {"languages": ["tlh"]}, {"sekret": SECRET},
    ],
)  # fmt: skip
def test_a_gateway_that_is_set_up_wrong_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _gateway(**wrong)


def test_two_gateways_have_two_names() -> None:
    one = {"name": "one", "kind": "nalo", "secret": SECRET}
    with pytest.raises(ValidationError, match="two are named one"):
        CloudSettings.model_validate({"http": "127.0.0.1:0", "database": "sqlite:///x", "gateway": (one, one)})


def test_a_secret_is_in_no_text_of_the_settings() -> None:
    assert SECRET not in repr(_gateway())


@pytest.mark.parametrize(
    ("fields", "key", "address", "trusted"),
    [
        ({}, SECRET, "8.8.8.8", True),
        ({}, "", "8.8.8.8", False),
        ({}, SECRET + " ", "8.8.8.8", False),
        ({}, "é", "8.8.8.8", False),
        ({"secret": None, "addresses": ["8.8.8.0/24", "2001:db8::/32"]}, "", "8.8.8.8", True),
        ({"secret": None, "addresses": ["8.8.8.0/24", "2001:db8::/32"]}, "", "2001:db8::1", True),
        ({"secret": None, "addresses": ["8.8.8.8"]}, "", "8.8.4.4", False),
        ({"secret": None, "addresses": ["8.8.8.8"]}, "", "unknown", False),
        ({"addresses": ["8.8.8.8"]}, SECRET, "8.8.4.4", False),
        ({"addresses": ["8.8.8.8"]}, "", "8.8.8.8", False),
    ],
)  # fmt: skip
def test_a_gateway_is_known_by_its_key_and_its_address(fields: dict[str, Any], key: str, address: str, trusted: bool) -> None:
    assert _gateway(**fields).trusts(key, address) is trusted


@pytest.mark.parametrize(
    ("country", "text", "number"),
    [
        (None, "+250788123456", MINE), (None, "250788123456", MINE), (None, "00250788123456", MINE),
        ("RW", "0788123456", MINE), ("RW", "0788 123-456", MINE), ("RW", "250788123456", MINE), ("GH", "+250788123456", MINE),
        ("GH", "0246912184", "+233246912184"), ("GH", "233246912184", "+233246912184"),
        (None, "0788123456", None), (None, "", None), (None, "+", None), ("GH", "12", None), (None, "+1" * 30, None),
        (None, "tel:+250788123456", None), (None, "+250788123456;ext=5", None), ("RW", "٠٧٨٨١٢٣٤٥٦", None),
    ],
)  # fmt: skip
def test_numbers_are_those_of_the_country(country: str | None, text: str, number: str | None) -> None:
    assert _gateway(country=country).e164(text) == number


@pytest.mark.parametrize(
    ("code", "dialled", "rest"),
    [
        ("*384#", "*384*1042#", "1042"), ("*384#", "*384*1042", "1042"), ("*384#", "*384#", ""), ("*384#", "*38499*1#", ""),
        ("*713*4#", "*713*4*1042#", "1042"), ("*384#", "*384*1*2#", ""), (None, "*384*1042#", ""), ("*384#", "*384*x#", ""),
    ],
)  # fmt: skip
def test_a_branch_may_stand_behind_the_code(code: str | None, dialled: str, rest: str) -> None:
    assert _gateway(code=code).extension(dialled) == rest


@pytest.mark.parametrize("wanted", [True, False])
def test_the_simulator_is_there_only_where_it_is_wanted(tmp_path: Path, wanted: bool) -> None:
    settings = CloudSettings.model_validate({"http": "127.0.0.1:0", "database": f"sqlite:///{tmp_path}/x", "simulator": wanted})
    database = Database(settings.database, threads=1)
    app = FastAPI()
    feature.install(app, Site(settings, database, LocalBus(), "http://127.0.0.1", "boot"))
    asked = {"type": "http", "method": "GET", "path": "/ussd/simulator", "headers": []}
    assert any(route.matches(asked)[0] is Match.FULL for route in app.routes) is wanted
    database.close()
