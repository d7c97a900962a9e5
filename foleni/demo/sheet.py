"""The contact sheet: all pictures of a play on one page, with what was played."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from foleni.demo.play import Outcome

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Foleni: a busy branch</title>
<style>
body { margin: 0; padding: 24px; background: #F6F4EF; color: #12202E; font: 16px/1.5 "Noto Sans", sans-serif }
main { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start }
figure { margin: 0; background: #fff; border: 1px solid #DDD8CE; border-radius: 12px; padding: 12px }
img { display: block; height: 420px; max-width: 100% }
figcaption { color: #51606E; margin-top: 8px }
table { border-collapse: collapse; margin-top: 24px } td { padding: 2px 16px 2px 0; vertical-align: top }
.wrong { color: #B3261E; font-weight: bold }
</style></head><body>
"""


def write_sheet(folder: Path, pictures: Sequence[Path], outcome: Outcome) -> Path:
    """Writes `index.html` beside the pictures."""
    verdict = "Everything went well." if not outcome.faults else "Something went wrong."
    parts = [_HEAD, "<h1>A busy branch</h1>", f"<p>{verdict} {len(pictures)} pictures, {len(outcome.played)} lines.</p>"]
    parts += [f'<p class="wrong">{escape(fault)}</p>' for fault in outcome.faults]
    parts += ["<main>", *(_figure(picture) for picture in pictures), "</main><table>"]
    parts += [
        f"<tr{' class=wrong' * done.wrong}><td>{done.at_s:.1f} s</td><td><code>{escape(done.line.text)}</code></td>"
        f"<td>{escape(done.came)}</td></tr>"
        for done in outcome.played
    ]
    page = folder / "index.html"
    page.write_text("\n".join([*parts, "</table></body></html>\n"]), encoding="utf-8")
    return page


def _figure(picture: Path) -> str:
    name = escape(picture.name, quote=True)
    return (
        f'<figure><a href="{name}"><img src="{name}" alt="{name}"></a><figcaption>{escape(picture.stem)}</figcaption></figure>'
    )
