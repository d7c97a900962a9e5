"""The dashboard that operators import: which figures it asks for."""

import json
import re
from pathlib import Path

_FILE = Path(__file__).resolve().parents[2] / "docs" / "grafana" / "foleni.json"
_NAME = re.compile(r"\b(foleni_[a-z0-9_]+|process_[a-z0-9_]+)\b")
_SUFFIX = re.compile(r"_(bucket|count|sum)$")


def figures_of(job: str) -> set[str]:
    """The names that the panels ask a program for, as its `/metrics` describes them."""
    panels = json.loads(_FILE.read_text(encoding="utf-8"))["panels"]
    asked = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    return {_SUFFIX.sub("", name) for expr in asked if f'job="{job}"' in expr for name in _NAME.findall(expr)}


def described_in(text: str) -> set[str]:
    """The names that a scrape describes."""
    return set(re.findall(r"^# HELP ([a-z0-9_]+)", text, re.MULTILINE))
