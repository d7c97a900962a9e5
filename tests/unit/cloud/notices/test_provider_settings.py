"""Wrong settings of providers are told at the start, all at once, and without their secrets."""

from typing import Any

import pytest

from cloud.notices.settings import AppriseSettings, TwilioSettings, parsed
from cloud.settings import CloudSettings
from foleni import settings

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
"""Apprise's own business."""

AT = {"kind": "africastalking", "username": "sandbox", "key": "k-e-y"}
TWILIO = {"kind": "twilio", "account": "AC1", "token": "t-o-k", "sender": "+15550001111"}
MAIL = {"kind": "apprise", "channel": "email", "url": "mailto://u:p@mail.example.org?to={to}&from=q@example.org"}


def test_providers_keep_their_order_and_are_named_by_their_kind() -> None:
    given = parsed((TWILIO, AT, MAIL))
    assert [one.name for one in given] == ["twilio", "africastalking", "apprise"]
    assert isinstance(given[0], TwilioSettings)
    assert isinstance(given[2], AppriseSettings)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (({"kind": "pigeon"},), "provider 1, kind"),
        (({},), "provider 1, kind"),
        (({"kind": "twilio", "account": "AC1"},), "provider 1, token: missing"),
        (({**AT, "keys": "x"},), "provider 1, keys"),
        (({**AT, "secret": "short"},), "provider 1, secret"),
        (({**AT, "secret": "with/slash-and-16-letters"},), "provider 1, secret"),
        (({**AT, "url": "ftp://x"},), "provider 1, url"),
        (({**AT, "timeout_s": 60},), "provider 1, timeout_s"),
        ((AT, AT), "provider africastalking: there are two"),
        (({"kind": "twilio", "account": "AC1", "token": "t-o-k"},), "needs a sender"),
        (({**MAIL, "url": "mailto://u:p@mail.example.org"},), "provider 1, url: must name the recipient as {to}"),
        (({**MAIL, "url": "pigeon://{to}"},), "provider apprise, url: Apprise does not understand it"),
        ((AT, {**TWILIO, "name": "Not A Slug"}), "provider 2, name"),
    ],
)
def test_a_fault_names_the_provider_and_the_field(tables: tuple[dict[str, Any], ...], said: str) -> None:
    with pytest.raises(ValueError, match=r"provider") as raised:
        parsed(tables)
    assert said in str(raised.value)
    assert "t-o-k" not in str(raised.value)
    assert "k-e-y" not in str(raised.value)


def test_the_program_ends_with_a_line_that_names_the_fault(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "cloud.toml"
    config.write_text('[[provider]]\nkind = "twilio"\naccount = "AC1"\n', "utf-8")
    with pytest.raises(SystemExit) as ended:
        settings.load(
            CloudSettings, "foleni-cloud", ["--config", str(config), "--http", "127.0.0.1:0", "--database", "sqlite:///x"]
        )
    assert ended.value.code == settings.WRONG
    assert "provider 1, token: missing" in capsys.readouterr().err


def test_secrets_are_not_shown_by_accident() -> None:
    assert "t-o-k" not in repr(parsed((TWILIO,)))
    assert "u:p" not in repr(parsed((MAIL,)))
