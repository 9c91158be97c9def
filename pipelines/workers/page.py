"""Pages that need nothing beside them: words, tables and charts in one HTML file, for a phone and for a desk."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from matplotlib import rc_context
from matplotlib.figure import Figure

_STYLE = """
:root{color-scheme:light;--ink:#1c2430;--soft:#5b6675;--line:#d9dee5;--mark:#0072b2}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:#f6f7f9}
main{max-width:76rem;margin:0 auto;padding:1rem clamp(.75rem,3vw,2rem) 4rem}
h1{font-size:clamp(1.4rem,4vw,2rem);line-height:1.2;margin:.5rem 0}
h2{font-size:1.2rem;margin:2.2rem 0 .6rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
p{max-width:70ch}.soft{color:var(--soft)}
.warning{background:#fff4d6;border-left:4px solid #b26a00;padding:.5rem .8rem;margin:.5rem 0}
.charts{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));align-items:start}
figure{margin:0;background:#fff;border:1px solid var(--line);border-radius:.5rem;padding:.75rem}
figcaption{font-weight:600;margin-bottom:.4rem}figure img{display:block;width:100%;height:auto}
.wide{overflow-x:auto;background:#fff;border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0}
.wide:focus-visible{outline:3px solid var(--mark)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.92rem}
caption{text-align:left;padding:.6rem .75rem;font-weight:600}
th,td{padding:.35rem .75rem;text-align:right;white-space:nowrap;border-top:1px solid var(--line)}
th:first-child{text-align:left}thead th{color:var(--soft);font-weight:600;vertical-align:bottom}
td.words{text-align:left;white-space:normal;min-width:20rem}
tbody th{font-weight:400;position:sticky;left:0;background:#fff}tr.trained th{font-weight:700}
ul{padding-left:1.2rem;margin:.2rem 0}li{max-width:70ch}dt{font-weight:600;margin-top:.4rem}dd{margin:0;color:var(--soft)}
"""

_SENTENCE = 40  # letters

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Of Okabe and Ito, "Color universal design" (2008): told apart by colour-blind people too."""

WIDTH = 5.4
"""Inches of a chart: at the width of a phone the letters stay legible."""


class Chart(NamedTuple):
    """A chart with what it is called and what somebody who does not see it is told."""

    name: str
    title: str
    alt: str
    figure: Figure


def write_page(path: Path, title: str, parts: Iterable[str]) -> None:
    """Write a page of these parts; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(title, parts), encoding="utf-8")


def page(title: str, parts: Iterable[str]) -> str:
    """The whole page."""
    body, name = "\n".join(part for part in parts if part), escape(title)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{name}</title>'
    opened = f'<!doctype html>\n<html lang="en"><head>{head}<style>{_STYLE}</style></head>\n<body><main>'
    return f"{opened}\n<h1>{name}</h1>\n{body}\n</main></body></html>\n"


def drawn(chart: Chart, note: str = "") -> str:
    """A chart within the page, with a note below; the same report gives the same bytes."""
    buffer = BytesIO()
    with rc_context({"svg.hashsalt": chart.name, "svg.fonttype": "path"}):
        chart.figure.savefig(buffer, format="svg", metadata={"Date": None})
    source = b64encode(buffer.getvalue()).decode()
    image = f'<img src="data:image/svg+xml;base64,{source}" alt="{escape(chart.alt)}" loading="lazy">'
    below = f'<p class="soft">{escape(note)}</p>' if note else ""
    return f'<figure id="{chart.name}"><figcaption>{escape(chart.title)}</figcaption>{image}{below}</figure>'


def table(caption: str, head: Sequence[str], rows: Iterable[tuple[Sequence[str], bool]]) -> str:
    """A table that can be scrolled sideways; rows are (cells, whether it is one of a trained policy)."""
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = []
    for (first, *cells), trained in rows:
        numbers = "".join(f"<td{_class(cell)}>{escape(cell)}</td>" for cell in cells)
        lines.append(f'<tr{" class=trained" if trained else ""}><th scope="row">{escape(first)}</th>{numbers}</tr>')
    opened = f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}">'
    return (
        f"{opened}<table><caption>{escape(caption)}</caption><thead><tr>{names}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _class(cell: str) -> str:
    """Sentences are set as such, figures to the right."""
    return " class=words" if len(cell) > _SENTENCE else ""
