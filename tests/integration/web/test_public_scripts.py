"""The public pages' scripts and styles run in browsers of 2014 and later: nothing newer is written in them."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[3] / "branch_server" / "web" / "public" / "static"
SCRIPTS = sorted(STATIC.glob("*.js"))
STYLES = sorted(STATIC.glob("*.css"))
WORDS = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
      | (?<=[=(,:!&|?{};\n])\s*/(?![/*])(?:\\.|\[[^\]]*\]|[^/\\\n])+/[a-z]*""",
    re.VERBOSE | re.DOTALL,
)
"""Comments, strings and patterns: what is in them is no code."""
NEWER = {
    "an arrow": r"=>",
    "a template": r"`",
    "let, const or class": r"\b(let|const|class)\s+[\w{\[]",
    "a module": r"\b(import|export)\b",
    "optional chaining": r"\?\.(?!\d)",
    "a default for nothing": r"\?\?",
    "a promise": r"\bPromise\b|\basync\b|\bawait\b",
    "spread": r"\.\.\.",
    "a power": r"\*\*",
    "fetch": r"\bfetch\s*\(",
    "a loop over values": r"\bfor\s*\([^;)]*\bof\b",
    "newer strings": r"\.(includes|startsWith|endsWith|padStart|padEnd|repeat|replaceAll)\s*\(",
    "newer lists": r"\.(find|findIndex|flat|flatMap|at|entries|values)\s*\(|\bObject\.(assign|entries|values|fromEntries)\b",
    "newer elements": r"\.(append|prepend|remove|closest|replaceChildren|toggleAttribute)\s*\(",
    "newer queries": r"\bURLSearchParams\b",
}
NEWER_STYLE = {
    "a variable": r"var\(|^\s*--",
    "grid": r"display:\s*grid",
    "a gap": r"(?<![\w-])gap\s*:",
    "logical sides": r"\b(inset|margin|padding|border)-(inline|block)|\binset\s*:",
    "newer sums": r"\b(clamp|min|max)\(",
    "newer choices": r":(is|where|has|focus-visible)\b",
    "newer places": r"position:\s*sticky",
    "a shape": r"aspect-ratio",
    "newer heights": r"\d(dvh|svh|lvh)\b",
}


def code_of(script: Path) -> str:
    return WORDS.sub('""', script.read_text(encoding="utf-8"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_says_nothing_that_an_old_browser_does_not_know(script: Path) -> None:
    code = code_of(script)
    assert {name for name, form in NEWER.items() if re.search(form, code)} == set()


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_a_style_needs_nothing_newer(style: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", style.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert {name for name, form in NEWER_STYLE.items() if re.search(form, text, re.MULTILINE)} == set()


def test_the_check_finds_what_is_newer() -> None:
    found = {
        name for name, form in NEWER.items() if re.search(form, WORDS.sub('""', "const a = b?.c ?? (() => `x`); // fine => `"))
    }
    assert {"an arrow", "a template", "let, const or class", "optional chaining", "a default for nothing"} <= found
    assert WORDS.sub('""', 'var a = "=> `"; // let b') == 'var a = ""; ""'
