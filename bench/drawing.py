"""Groups of bars on a logarithmic scale, as SVG: real text, readable in light and dark. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

SVG = "http://www.w3.org/2000/svg"
ACCESSIBLE = 'role="img" aria-labelledby="title desc"'
WIDTH, LEFT, RIGHT = 760, 220, 70
BAR, GAP, HEADING, TOP, BOTTOM = 16, 5, 30, 58, 30
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 16px; font-weight: 600; }
.heading { font-weight: 600; }
.faint { fill: #59636e; font-size: 12px; }
.page { fill: #ffffff; }
.grid { stroke: #d1d9e0; }
.ours { fill: #0969da; }
.bare { fill: #818b98; }
.paging { fill: #bc4c00; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .faint { fill: #9198a1; }
  .page { fill: #0d1117; }
  .grid { stroke: #3d444d; }
  .ours { fill: #4493f8; }
  .bare { fill: #9198a1; }
  .paging { fill: #f0883e; }
}
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """kind is a class of the style: ours, bare or paging."""

    label: str
    milliseconds: float
    kind: str


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that answer the same question."""

    heading: str
    bars: Sequence[Bar]


def draw(title: str, groups: Sequence[Group]) -> str:
    """The drawing; its description says every figure for those who cannot see it."""
    times = [bar.milliseconds for group in groups for bar in group.bars]
    low = 10 ** math.floor(math.log10(min(times) / 2))
    high = 10 ** math.ceil(math.log10(max(times)))
    height = TOP + BOTTOM + sum(HEADING + len(g.bars) * (BAR + GAP) for g in groups)
    said = "; ".join(
        f"{g.heading}: " + ", ".join(f"{b.label} {shown(b.milliseconds)}" for b in g.bars)
        for g in groups
    )
    parts = [
        f'<svg xmlns="{SVG}" viewBox="0 0 {WIDTH} {height}" {ACCESSIBLE}>',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(said)}. The scale is logarithmic.</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        _text(16, 26, title, "title"),
        *_grid(low, high, height),
        *_bars(groups, low, high),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def shown(milliseconds: float) -> str:
    """A time for people."""
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds:.0f} ms"


def _place(milliseconds: float, low: float, high: float) -> float:
    share = math.log(milliseconds / low) / math.log(high / low)
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _grid(low: float, high: float, height: int) -> Iterator[str]:
    for power in range(round(math.log10(low)), round(math.log10(high)) + 1):
        x = _place(10.0**power, low, high)
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP - 8}" y2="{height - BOTTOM}"/>'
        yield _text(x, height - BOTTOM + 18, _tick(power), "faint", "middle")


def _tick(power: int) -> str:
    return f"{10 ** (power - 3)} s" if power >= 3 else f"{10**power:g} ms"


def _bars(groups: Sequence[Group], low: float, high: float) -> Iterator[str]:
    y = TOP
    for group in groups:
        yield _text(16, y + 14, group.heading, "heading")
        y += HEADING
        for bar in group.bars:
            end = _place(bar.milliseconds, low, high)
            width = round(max(1.0, end - LEFT), 1)
            yield _text(LEFT - 8, y + BAR - 4, bar.label, anchor="end")
            yield f'<rect class="{bar.kind}" x="{LEFT}" y="{y}" width="{width}" height="{BAR}" rx="2"/>'
            yield _text(end + 6, y + BAR - 4, shown(bar.milliseconds), "faint")
            y += BAR + GAP


def _text(x: float, y: float, words: str, style: str = "", anchor: str = "start") -> str:
    named = f' class="{style}"' if style else ""
    placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text{named} x="{x}" y="{y}"{placed}>{escape(words)}</text>'
