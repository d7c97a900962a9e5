"""Files that pages need: styles, scripts, pictures, and the type of this house."""

import hashlib
import json
import mimetypes
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from markupsafe import Markup
from starlette.responses import FileResponse, Response

from foleni.web import errors

_FONTS = Path(__file__).parents[1] / "look" / "fonts"
_A_YEAR = "public, max-age=31536000, immutable"


class Statics:
    """The files below `<root>/<feature>/static/`, served as `/static/<feature>/…`."""

    def __init__(self, root: Path, features: Sequence[str]) -> None:
        self._root = root
        self._features = frozenset(features)

    def asset(self, path: str) -> str:
        """The URL of a file such as `desk/console.js`; it changes with the file's content."""
        file = self.file(path)
        return f"/static/{path}?v={mark_of(file) if file is not None else '0'}"

    def file(self, path: str) -> Path | None:
        """The file behind `/static/<path>`; None where there is none, or outside of what is ours."""
        feature, _, rest = path.partition("/")
        if feature not in self._features:
            return None
        folder = (self._root / feature / "static").resolve()
        file = (folder / rest).resolve()
        return file if file.is_relative_to(folder) and file.is_file() else None

    def install(self, app: FastAPI) -> None:
        app.get("/static/fonts/{name}", include_in_schema=False)(_font)
        app.get("/static/{path:path}", include_in_schema=False)(self._static)

    async def _static(self, path: str, request: Request) -> Response:
        """A file whose address changes with its content is kept for long; one that scripts import by its plain name is asked
        for each time, and sent only where it has changed.
        """
        file = self.file(path)
        if file is None:
            return errors.refused(404, "not_found", "There is no such file.")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if "v" in request.query_params:
            return FileResponse(file, media_type=kind, headers={"Cache-Control": _A_YEAR})
        mark = {"Cache-Control": "no-cache", "ETag": f'"{mark_of(file)}"'}
        if request.headers.get("if-none-match") == mark["ETag"]:
            return Response(status_code=304, headers=mark)
        return FileResponse(file, media_type=kind, headers=mark)


async def _font(name: str) -> Response:
    file = _FONTS / name
    if file.parent != _FONTS or file.suffix != ".ttf" or not file.is_file():
        return errors.refused(404, "not_found", "There is no such font.")
    return FileResponse(file, media_type="font/ttf", headers={"Cache-Control": _A_YEAR})


@cache
def mark_of(file: Path) -> str:
    """Ten letters that change with a file's content; read once in a program's life."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]


def embedded(value: Mapping[str, Any] | list[Any]) -> Markup:
    """JSON that is safe between `<script type="application/json">` tags."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704 - no letter that could end the element is left
