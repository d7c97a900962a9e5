"""A report on paper: the page as PDF, in A4, with our own fonts and nothing from anywhere else."""

import base64
from pathlib import Path
from typing import IO, Any

from weasyprint import CSS, HTML  # type: ignore[import-untyped]
from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]
from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]

from foleni import look

FONTS = Path(look.__file__).parent / "fonts"
_FACES = {400: "FoleniSans-Regular.ttf", 700: "FoleniSans-Bold.ttf", 800: "FoleniSans-ExtraBold.ttf"}


def paper(job: dict[str, Any], out: IO[bytes]) -> None:
    """Writes the page of `job["page"]` (HTML in base64) as PDF."""
    fetcher = URLFetcher(allowed_protocols={"file"})
    fonts = FontConfiguration()
    faces = "".join(
        f"@font-face {{ font-family: Foleni; font-weight: {weight}; src: url({(FONTS / name).as_uri()}); }}"
        for weight, name in _FACES.items()
    )
    html = HTML(string=base64.b64decode(job["page"]).decode(), url_fetcher=fetcher)
    sheet = CSS(string=faces, font_config=fonts, url_fetcher=fetcher)
    html.write_pdf(out, stylesheets=[sheet], font_config=fonts)
