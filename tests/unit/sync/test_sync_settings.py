"""Where the token may go, and what may hold it."""

import os
from pathlib import Path

import pytest

from branch_server.adapters.sync.address import CloudUrl, TokenFile
from branch_server.bootstrap import BranchSettings
from foleni import settings


@pytest.mark.parametrize("text", ["https://cloud.example.org", "https://cloud.example.org:8443/foleni/", "http://127.0.0.1:8080",
                                  "http://localhost:1", "http://[::1]:80"])  # fmt: skip
def test_an_address_with_tls_or_on_this_machine_is_taken(text: str) -> None:
    assert str(CloudUrl.parse(text)) == text.rstrip("/")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("http://cloud.example.org", "https"), ("http://10.0.0.1", "https"), ("ftp://127.0.0.1", "https"), ("cloud", "https"),
        ("https://user:word@cloud.example.org", "password"), ("https://cloud.example.org?x=1", "query"), ("https://", "https"),
        ("https://host:99999", "port"), ("https://host:0", "https"), ("https://ho\nst", "https"), ("https://[::1", "port"),
    ],
)  # fmt: skip
def test_an_address_that_gives_the_token_away_is_refused(text: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        CloudUrl.parse(text)


@pytest.mark.parametrize("content", [None, b"", b"\n", b"two words", b"\xff", b"a\x00b"])
def test_a_file_without_a_token_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    with pytest.raises(ValueError, match="token"):
        TokenFile(tmp_path / "token")


def test_a_new_token_counts_at_once_and_a_half_written_one_never(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    token = TokenFile(file)
    file.write_text("")
    assert token.token == "first"
    file.unlink()
    assert token.token == "first"
    file.write_text("second\n")
    os.utime(file, ns=(1, 1))
    assert token.token == "second"
    assert "second" not in f"{token} {token!r}"


@pytest.mark.parametrize("given", [["--cloud", "https://cloud.example.org"], ["--cloud-token-file", "TOKEN"]])
def test_one_is_nothing_without_the_other(tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str]) -> None:
    (tmp_path / "token").write_text("x")
    given = [str(tmp_path / "token") if part == "TOKEN" else part for part in given]
    with pytest.raises(SystemExit) as ended:
        settings.load(BranchSettings, "foleni-branch", ["--data", str(tmp_path), "--mqtt", "managed", *given], {})
    assert ended.value.code == settings.WRONG
    assert "--cloud and --cloud-token-file go together" in capsys.readouterr().err
