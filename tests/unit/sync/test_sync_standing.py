"""What a person must know is said once, and taken back when all is well."""

import logging

import pytest

from branch_server.adapters.sync.standing import FORKED, UNKNOWN_HERE, Standing
from branch_server.web.reports.alert_words import alert_text
from foleni.words.catalogue import words


def test_a_cloud_that_is_only_away_is_nobody_s_alert() -> None:
    said: list[str | None] = []
    standing = Standing(said.append)
    standing.away("poller", "no route")
    standing.away("poller", "no route")
    assert said == []


def test_an_alert_stands_until_its_own_worker_is_well_again() -> None:
    said: list[str | None] = []
    standing = Standing(said.append)
    standing.stands_still("uploader", FORKED, "")
    standing.well("poller")
    standing.away("uploader", "no route")
    standing.stands_still("uploader", FORKED, "")
    assert said == [FORKED]
    standing.well("uploader")
    assert said == [FORKED, None]


def test_one_that_an_earlier_run_left_is_taken_back_with_the_first_success() -> None:
    said: list[str | None] = []
    standing = Standing(said.append)
    standing.well("poller")
    standing.well("uploader")
    assert said == [None]


def test_the_log_tells_a_change_once(caplog: pytest.LogCaptureFixture) -> None:
    standing = Standing(lambda _sentence: None)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            standing.away("poller", "no route")
        standing.well("poller")
        standing.well("poller")
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("sentence", [FORKED, UNKNOWN_HERE])
def test_consoles_say_it_in_their_own_language(sentence: str, language: str) -> None:
    told = alert_text("cloud", sentence, words("branch_server.web.reports", language))
    assert told != sentence
