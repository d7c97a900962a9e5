"""Settings: precedence, every fault in one line, and URLs that keep their secrets."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from foleni.settings import HostPort, MqttUrl, Settings, load


class Unit(Settings):
    mqtt: MqttUrl = Field(description="broker, mqtt[s]://user:password@host:port")
    mqtt_listen: HostPort = HostPort("127.0.0.1", 0)
    volume: int = Field(50, ge=0, le=100, description="loudness in %")
    mute: bool = False
    languages: tuple[str, ...] = ("en",)
    buttons: dict[str, int] = {}


URL = "mqtt://kiosk-1:se%3Acret@broker.lan"


def wrong(capsys: pytest.CaptureFixture[str], *argv: str, **environment: str) -> str:
    """The one line that a start with wrong settings leaves on stderr."""
    with pytest.raises(SystemExit) as ended:
        load(Unit, "foleni-unit", argv, environment)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_a_flag_wins_over_the_environment_and_that_over_the_file_and_that_over_the_default(tmp_path: Path) -> None:
    config = tmp_path / "unit.toml"
    config.write_text(f'mqtt = "{URL}"\nvolume = 1\nmute = true\nlanguages = ["rw", "fr"]\n[buttons]\nnext = 3\n')
    environment = {"FOLENI_VOLUME": "2", "FOLENI_MUTE": "true", "FOLENI_CONFIG": str(config), "FOLENI_LOG_LEVEL": ""}
    settings = load(Unit, "foleni-unit", ["--volume", "3", "--no-mute"], environment)
    assert settings.volume == 3
    assert settings.mute is False
    assert settings.languages == ("rw", "fr")
    assert settings.buttons == {"next": 3}
    assert settings.log_level == "info"
    assert load(Unit, "foleni-unit", [], environment).volume == 2


def test_lists_come_from_repeated_flags_and_from_commas(tmp_path: Path) -> None:
    environment = {"FOLENI_MQTT": URL, "FOLENI_LANGUAGES": "en, sw"}
    assert load(Unit, "foleni-unit", [], environment).languages == ("en", "sw")
    assert load(Unit, "foleni-unit", ["--languages", "ar", "--languages=hi"], environment).languages == ("ar", "hi")


def test_all_faults_are_told_in_one_line_with_their_sources(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "unit.toml"
    config.write_text('volum = 1\nmute = "perhaps"\n[buttons]\nnext = "x"\n')
    line = wrong(
        capsys, "--config", str(config), "--volume", "101", "--colour", "red", "--log-level", FOLENI_MQTT_LISTEN="host"
    )
    assert line.startswith("foleni-unit: wrong settings: ")
    for fault in (
        "--mqtt: missing",
        "--volume: should be less than or equal to 100",
        "--colour: unknown",
        "--log-level: needs a value",
        "FOLENI_MQTT_LISTEN: must be HOST:PORT",
        f"volum in {config}: unknown",
        f"mute in {config}: should be a valid boolean",
        f"buttons in {config}.next: should be a valid integer",
    ):
        assert fault in line


@pytest.mark.parametrize("text", ["= 1", "\xff"])
def test_a_file_that_cannot_be_read_is_a_fault(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "unit.toml"
    config.write_bytes(text.encode("latin-1"))
    assert str(config) in wrong(capsys, "--config", str(config), "--mqtt", URL)
    assert "No such file" in wrong(capsys, "--config", str(tmp_path / "none.toml"), "--mqtt", URL)


def test_check_config_and_version_and_help_end_well(capsys: pytest.CaptureFixture[str]) -> None:
    for flag, expected in (
        ("--check-config", "settings ok"),
        ("--version", "foleni-unit 0."),
        ("--help", "loudness in %"),
    ):
        with pytest.raises(SystemExit) as ended:
            load(Unit, "foleni-unit", [flag, "--mqtt", URL], {})
        assert not ended.value.code
        assert expected in capsys.readouterr().out


def test_check_config_finds_faults(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--mqtt: missing" in wrong(capsys, "--check-config")


def test_an_mqtt_url_is_taken_apart_with_defaults() -> None:
    assert MqttUrl.parse(URL) == MqttUrl("broker.lan", 1883, "kiosk-1", "se:cret")
    assert MqttUrl.parse("mqtts://[::1]?ca=/etc/ca.pem") == MqttUrl("::1", 8883, tls=True, ca=Path("/etc/ca.pem"))
    assert str(MqttUrl.parse("mqtt://[::1]:1")) == "mqtt://[::1]:1"


def test_an_mqtt_url_says_what_is_believed_what_is_shown_and_whom_it_expects() -> None:
    text = "mqtts://u:pw@10.0.0.1:8883?ca=/a%20b/ca.pem&cert=/d/c%26.pem&key=/d/k.key&name=main.foleni.internal"
    url = MqttUrl.parse(text)
    assert (url.ca, url.cert, url.key) == (Path("/a b/ca.pem"), Path("/d/c&.pem"), Path("/d/k.key"))
    assert url.name == "main.foleni.internal"
    assert url.in_full == text
    assert MqttUrl.parse(url.in_full) == url
    assert "pw" not in str(url)


@pytest.mark.parametrize(
    "text",
    ["", "broker", "http://broker", "mqtt://", "mqtt://h:0", "mqtt://h:99999", "mqtt://h/topic", "mqtt://h?ca=/x",
     "mqtts://h?ca=x", "mqtts://h?cert=/x", "mqtts://h?key=/x", "mqtts://h?cert=/x&key=y", "mqtt://h?cert=/x&key=/y",
     "mqtt://h?name=n", "mqtts://h?name=", "mqtts://h?verify=no", "mqtt://u:hush@h:port", "mqtt://h#f"],
)  # fmt: skip
def test_a_wrong_mqtt_url_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as fault:
        MqttUrl.parse(text)
    assert "hush" not in str(fault.value)


@given(password=st.text(min_size=8, alphabet=st.characters(exclude_categories=["Cs"])))
def test_no_text_form_shows_the_password(password: str) -> None:
    url = MqttUrl("host", 1883, "user", password)
    assert url.password == password
    assert str(url) == "mqtt://user:***@host:1883"
    assert "password=" not in repr(url)
    settings = Unit(mqtt=url)
    assert "***" in settings.model_dump_json()


@pytest.mark.parametrize("text", ["", "host", "host:", ":80", "host:x", "host:80/", "u@host:80", "host:70000"])
def test_anything_but_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        HostPort.parse(text)


def test_host_and_port_are_written_as_they_are_read() -> None:
    for text in ("localhost:0", "[::1]:8080", "10.0.0.1:65535"):
        assert str(HostPort.parse(text)) == text


def test_an_unknown_field_is_refused_in_python_too() -> None:
    with pytest.raises(ValidationError):
        Unit.model_validate({"mqtt": URL, "volum": 1})


def test_importing_the_settings_leaves_out_what_is_slow() -> None:
    code = "import sys, foleni.settings; print([m for m in ('pydantic_settings', 'paho', 'sqlalchemy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout.strip() == b"[]"
