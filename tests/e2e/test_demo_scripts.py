"""The script format: what it means, and how it tells a person what is wrong with a line."""

import subprocess
import sys
from pathlib import Path

import pytest

from foleni.demo.play import BUILTIN
from foleni.demo.vocabulary import vocabulary
from foleni.demo.words import WordsError

ROOT = Path(__file__).parents[2]

FAULTS = {
    "dance": "'dance' is not known; there are: ticket, join, tap, press,",
    "press 1 hard": "'hard' is no kind of press: single, double, long. Say: press COUNTER [single|double|long]",
    "press": "the counter is missing",
    "paper gone": "'gone' is no state of the paper: out, low, in. Say: paper out|low|in, for example: paper out",
    "expect": "what is expected must be one of board, recalled, tv,",
    "expect board A001": "the counter is missing (expect board A001 1)",
    "expect calls many": "'many' is no number of calls: a number from 0 to 600",
    "expect paper A001 within soon": "'soon' is no number of seconds",
    "ticket": "the service is missing",
    "ticket cash in klingon": "'klingon' is no language",
    "ticket cash priority at once": "'at' is no word before the language: in",
    "wait": "the number of seconds is missing",
    "wait 1 2": "'2' is too much",
    "wait nan": "'nan' is no number of seconds",
    "shot kiosk ../../x": "'../../x' is no name of a picture: small letters, digits and -",
    "shot garden x": "'garden' is no window: kiosk, tv, ticket",
    "tap": "a key, and where it has one its value, are needed",
}


@pytest.mark.parametrize("line", FAULTS)
def test_a_wrong_line_is_told_with_its_number_its_reason_and_how_it_is_meant(line: str) -> None:
    with pytest.raises(WordsError) as caught:
        vocabulary().understand_all(f"# a remark\n\nwait 0\n{line}\n", "busy")
    assert str(caught.value).startswith("busy, line 4: ")
    assert FAULTS[line] in str(caught.value)


def test_all_wrong_lines_are_told_at_once() -> None:
    with pytest.raises(WordsError, match=r"(?s)x, line 1: .*x, line 3: "):
        vocabulary().understand_all("dance\nwait 1\nsing\n", "x")


def test_remarks_and_empty_lines_say_nothing() -> None:
    lines = vocabulary().understand_all("# open\n\n  wait   2  # breathe\n", "x")
    assert [(line.number, line.text) for line in lines] == [(3, "wait 2")]


def test_every_verb_has_an_example_that_is_understood() -> None:
    words = vocabulary()
    for verb in words.verbs.values():
        assert words.understand(verb.example) is not None
        assert verb.usage.startswith(verb.name)
        assert verb.usage in words.help()


def test_the_builtin_script_is_understood() -> None:
    assert vocabulary().understand_all(BUILTIN.read_text(), "builtin")


@pytest.mark.parametrize(
    ("script", "reason"), [("wait 1\ndance\n", "line 2: 'dance' is not known"), ("", "has no line"), (None, "No such file")]
)
def test_a_script_that_cannot_be_played_ends_the_demo_before_it_begins(tmp_path: Path, script: str | None, reason: str) -> None:
    path = tmp_path / "play.txt"
    if script is not None:
        path.write_text(script)
    command = [sys.executable, "-m", "foleni", "demo", "--headless", "--script", str(path), "--data", str(tmp_path / "data")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()
