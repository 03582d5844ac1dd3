"""The table of a bench, for people."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table

from benchmarks.figures import Figure

COLUMNS = ("measured", "median", "worst", "unit", "against", "baseline", "ratio", "worst", "aim")


def table(figures: Iterable[Figure], *, runs: int, machine: str) -> Table:
    """Lay the figures out, and say of each aim whether the median reaches it."""
    laid = Table(title=f"median and worst of {runs} runs", caption=machine)
    for column in COLUMNS:
        is_text = column in ("measured", "unit", "against", "aim")
        laid.add_column(column, justify="left" if is_text else "right", no_wrap=not is_text)
    for figure in figures:
        laid.add_row(*_cells(figure))
    return laid


def number(value: float | None) -> str:
    """Write a number with as many digits as it is worth."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        number(figure.value),
        number(figure.worst),
        figure.unit,
        figure.against,
        number(figure.baseline),
        _ratio(figure.ratio),
        _ratio(figure.worst_ratio),
        _verdict(figure),
    )


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.3f}" if ratio < 10 else f"{ratio:,.0f}"


def _verdict(figure: Figure) -> str:
    if figure.is_met is None:
        return ""
    word = "[green]met[/]" if figure.is_met else "[bold red]MISSED[/]"
    return f"{figure.aim_in_words}: {word}"
