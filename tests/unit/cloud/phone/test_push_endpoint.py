"""Where a browser may send us with push messages."""

import pytest
from pydantic import ValidationError

from cloud.phone.push import PushSubscription, is_loopback, is_outside

P256DH = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
AUTH = "tBHItJI5svbpez7KI4CCXg"


@pytest.mark.parametrize(
    "endpoint", ["https://fcm.googleapis.com/fcm/send/abc", "https://updates.push.services.mozilla.com:443/wpush/v2/x"]
)
def test_a_push_service_of_the_world_is_taken(endpoint: str) -> None:
    assert is_outside(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    ["http://push.example.org/x", "https://localhost/x", "https://127.0.0.1/x", "https://10.0.0.7/x", "https://[::1]/x",
     "https://169.254.169.254/latest", "https://router/x", "https://db.internal/x", "https://user@push.example.org/x",
     "https://push.example.org:99999/x", "ftp://push.example.org/x", "https://[bad/x", "https://printer.local/x", "nonsense"],
)  # fmt: skip
def test_nobody_makes_the_cloud_knock_inside_of_its_house(endpoint: str) -> None:
    assert not is_outside(endpoint)


def test_only_this_machine_is_this_machine() -> None:
    assert is_loopback("http://127.0.0.1:8000/x")
    assert is_loopback("http://[::1]/x")
    assert is_loopback("http://localhost:9/x")
    assert not is_loopback("http://127.0.0.1.example.org/")
    assert not is_loopback("https://[bad")


@pytest.mark.parametrize(
    "keys",
    [{"p256dh": "short", "auth": AUTH}, {"p256dh": P256DH, "auth": "!!"}, {"p256dh": P256DH, "auth": "AAAA"},
     {"p256dh": "A" + P256DH[1:], "auth": AUTH}, {"p256dh": P256DH}],
)  # fmt: skip
def test_keys_with_which_nothing_could_be_encrypted_are_refused(keys: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PushSubscription.model_validate({"endpoint": "https://push.example.org/x", "keys": keys})


def test_what_a_browser_says_is_taken() -> None:
    told = {"endpoint": "https://push.example.org/x", "expirationTime": None, "keys": {"p256dh": P256DH, "auth": AUTH}}
    assert PushSubscription.model_validate(told).keys.auth == AUTH
