"""Charts as SVG, drawn here: no script, the numbers beside them as a table, colours from the stylesheet."""

from collections.abc import Sequence
from typing import NamedTuple

from packline.domain.values import Value

WIDTH, HEIGHT, FOOT, SIDE, END = 560, 170, 20, 46, 10


class Series(NamedTuple):
    """One line or one kind of bar: its name, its values, and its class in the stylesheet."""

    name: str
    values: Sequence[float]
    css: str


class Shape(NamedTuple):
    """A bar (x, y, width, height), with what it says on hover."""

    x: float
    y: float
    width: float
    height: float
    css: str
    says: str


class Mark(NamedTuple):
    """A text at a place of the chart."""

    x: float
    y: float
    text: str


class Line(NamedTuple):
    """A line through points."""

    points: str
    css: str


class Chart(Value, frozen=True):
    """A chart, ready to be drawn by the macro `chart`; `rows` are its numbers as a table."""

    title: str
    bars: tuple[Shape, ...] = ()
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    grid: tuple[float, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    is_empty: bool = False


def columns(title: str, labels: Sequence[str], series: Sequence[Series], every: int = 1) -> Chart:
    """Draw the first series as bars and the others as lines over the same places; `every` nth label is written."""
    top = _round_up(max((value for one in series for value in one.values), default=0))
    step = (WIDTH - SIDE - END) / max(1, len(labels))
    bars = [
        Shape(
            SIDE + place * step + step * 0.14,
            _y(value, top),
            step * 0.72,
            HEIGHT - FOOT - _y(value, top),
            series[0].css,
            f"{labels[place]}: {value:,.0f}",
        )
        for place, value in enumerate(series[0].values)
    ]
    lines = [
        Line(
            " ".join(f"{SIDE + (n + 0.5) * step:.1f},{_y(value, top):.1f}" for n, value in enumerate(one.values)),
            one.css,
        )
        for one in series[1:]
    ]
    marks = [
        Mark(SIDE + (place + 0.5) * step, HEIGHT - 5, label)
        for place, label in enumerate(labels)
        if place % every == every - 1 or every == 1
    ]
    ticks = [top, top / 2] if top >= 2 else [top]
    return Chart(
        title,
        tuple(bars),
        tuple(lines),
        (*marks, *(Mark(SIDE - 6, _y(value, top) + 4, f"{value:,.0f}") for value in ticks)),
        tuple(_y(value, top) for value in (*ticks, 0)),
        tuple((one.name, one.css) for one in series) if len(series) > 1 else (),
        ("", *(one.name for one in series)),
        tuple((label, *(f"{one.values[n]:,.0f}" for one in series)) for n, label in enumerate(labels)),
        not any(value for one in series for value in one.values),
    )


def toned(chart: Chart, tones: Sequence[str]) -> Chart:
    """Give each bar a tone of its own."""
    bars = tuple(bar._replace(css=tone) for bar, tone in zip(chart.bars, tones, strict=True))
    return Chart(
        chart.title, bars, chart.lines, chart.marks, chart.grid, chart.names, chart.head, chart.rows, chart.is_empty
    )


def _y(value: float, top: float) -> float:
    return 8 + (HEIGHT - FOOT - 8) * (1 - value / top)


def _round_up(value: float) -> float:
    if value <= 0:
        return 1
    size = 10.0 ** (len(f"{int(value)}") - 1)
    return next(n * size for n in (1, 2, 4, 5, 8, 10) if n * size >= value)
