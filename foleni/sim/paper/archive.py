"""Where tickets go: for each a `0001.bin`, `0001.png` and `0001.txt`, and a line in `record.jsonl`."""

import json
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image


class Archive:
    """A folder of printed paper. Files appear whole or not at all, and before their line in the record."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._record = folder / "record.jsonl"
        self.count = max((int(path.stem) for path in folder.glob("[0-9]*.png") if path.stem.isdigit()), default=0)

    def keep(self, data: bytes, picture: Image.Image, lines: list[str], **facts: object) -> str:
        """Keep a piece of paper; its name, such as `0001`."""
        self.count += 1
        name = f"{self.count:04d}"
        self._write(f"{name}.bin", data)
        self._write(f"{name}.txt", "".join(f"{line}\n" for line in lines).encode())
        unfinished = self.folder / f".{name}.png"
        picture.convert("1").save(unfinished, "PNG")
        unfinished.rename(self.folder / f"{name}.png")
        self.note(ticket=name, bytes=len(data), width=picture.width, height=picture.height, lines=lines, **facts)
        return name

    def note(self, **facts: object) -> None:
        """Write a line into the record."""
        line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **facts}, ensure_ascii=False)
        with self._record.open("a", encoding="utf-8") as record:
            record.write(f"{line}\n")

    def _write(self, name: str, data: bytes) -> None:
        unfinished = self.folder / f".{name}"
        unfinished.write_bytes(data)
        unfinished.rename(self.folder / name)


def read_record(folder: Path) -> list[dict[str, object]]:
    """The lines of a folder's record; a last one that is being written is left out."""
    path = folder / "record.jsonl"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return [json.loads(line) for line in text.split("\n")[:-1]]
