"""Tells another program what is on the screen and where its keys are: for demonstrations and tests."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kiosk.pages import Attract, Key, Page, Tap
from kiosk.views.scene import Scene, Touch


class Teller:
    """Writes one JSON object to a file for each page that was drawn; a reader never sees half of one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def tell(self, page: Page, scene: Scene) -> None:
        told = {
            "page": type(page.body).__name__,
            "turn": page.turn,
            "body": asdict(page.body),
            "band": page.frame.band.text if page.frame.band else None,
            "language": page.frame.language,
            "title": page.frame.title,
            "size": [scene.width, scene.height],
            "keys": _keys(page, scene),
        }
        new = self._path.with_name(f"{self._path.name}.tmp")
        new.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        new.replace(self._path)


def _keys(page: Page, scene: Scene) -> list[dict[str, Any]]:
    keys = [_key(touch) for touch in scene.touches if touch.act is not None and not touch.ground]
    if isinstance(page.body, Attract):
        whole = {"key": Key.BEGIN.value, "value": "", "box": [0, 0, scene.width, scene.height], "enabled": True}
        keys = [whole, *(key for key in keys if key["key"] != Key.BEGIN.value)]
    return keys


def _key(touch: Touch) -> dict[str, Any]:
    """A key that acts on the screen alone has its turn as `key`, such as `next`."""
    box = touch.box
    key, value = (touch.act.key.value, touch.act.value) if isinstance(touch.act, Tap) else (str(touch.act), "")
    return {"key": key, "value": value, "box": [box.x, box.y, box.width, box.height], "enabled": True}
