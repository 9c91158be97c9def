"""An evaluation on the terminal: who earned what, where and beside whom."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.training.judging.report import ContestantReport, CrossPlayReport, MetagameReport, Report
from simulator.training.judging.statistics import Interval, seeds_ahead

_COLUMNS = {
    "sharpe": ("Sharpe", "{:.3f}"), "drawdown": ("drawdown", "{:,.1f}"), "value_at_risk": ("VaR", "{:,.2f}"),
    "success": ("success", "{:.0%}"), "greatest_inventory": ("most held", "{:,.1f}"), "turnover": ("turnover", "{:,.0f}"),
    "cooperation": ("cooperation", "{:.2f}"),
}  # fmt: skip
OFFICES = ("regulator", "mediator")
"""They hold nothing and trade nothing."""

_TRAINED = ("policy", "sampled policy")


def show(report: Report, console: Console) -> None:
    """Print a report for people."""
    for part in parts(report):
        console.print(part, highlight=False)


def parts(report: Report) -> Iterable[RenderableType]:
    """What is printed, in order."""
    for warning in report.warnings:
        yield Text(f"warning: {warning}", style="yellow")
    yield Text(f"\n{where(report)}", style="bold")
    yield Text(f"{what(report)} per episode and seat; beaten by: in how many of the same markets; seeds: in how many of them beyond chance")
    yield earned(report)
    if report.market["role"] not in OFFICES:
        yield figures(report)
    yield from words(report)
    if report.transfer:
        yield Text("\nfrom the market of the training to this one", style="bold")
        yield transferred(report)
    if report.cross_play and report.metagame is None:
        yield from crossed(report.cross_play)
    if report.metagame:
        yield from game(report.metagame)
        yield from (Text(f"{name}: {line}") for name, line in (report.cross_play.told if report.cross_play else {}).items())
    for curve in report.learning:
        moved = "" if curve.move is None else f" (last third {curve.move:+,.2f}, {curve.low:+,.2f} to {curve.high:+,.2f})"
        yield Text(f"learning   {curve.run}: {curve.verdict}{moved}")
    if report.versus:
        yield Text(f"verdict    {report.versus.verdict}", style="bold")


def where(report: Report) -> str:
    """In which markets."""
    market = report.market
    agents = ", ".join(f"{count} {name}" for name, count in market["agents"].items())
    return (
        f"{len(report.seeds)} x {report.episodes} markets of {market['steps']} steps that nobody was trained in: {market['scenario']}, "
        f"{market['learners']} seats of a {market['role']} among {agents}"
    )


def told(found: Interval) -> str:
    """An interval in figures."""
    return f"{found.low:,.1f} to {found.high:,.1f}"


def table(*names: str) -> Table:
    """A plain table with its first column left and the others right."""
    made = Table(*names, box=None, pad_edge=False)
    made.columns[0].no_wrap = True
    for column in made.columns[1:]:
        column.justify = "right"
    return made


def what(report: Report) -> str:
    """What a score is."""
    return "steadiness" if report.market["role"] == "regulator" else "profit"


def ranked(report: Report) -> list[ContestantReport]:
    """Who earned most comes first."""
    return sorted(report.contestants, key=lambda each: -each.score.value)


def earned(report: Report) -> Table:
    """Profit per episode and seat, and how often the first policy earned more."""
    first = next(iter(report.wins), "")
    made = table("", what(report), "interval (95 %)", f"beaten by {first}", "seeds")
    for each in ranked(report):
        rate, by_seed = report.wins.get(first, {}).get(each.name), report.ahead.get(first, {}).get(each.name)
        name, score = Text(each.name, "bold" if each.kind in _TRAINED else ""), f"{each.score.value:,.2f}"
        made.add_row(name, score, told(each.score), f"{rate.value:.0%}" if rate else "", seeds_ahead(by_seed) if by_seed else "")
    return made


def figures(report: Report) -> Table:
    """Risk, trading and inventory, as means."""
    shown = [name for name in _COLUMNS if any(each.figures[name] is not None for each in report.contestants)]
    made = table("", *(_COLUMNS[name][0] for name in shown))
    for each in ranked(report):
        numbers = (each.figures[name] for name in shown)
        made.add_row(
            each.name, *("" if value is None else _COLUMNS[name][1].format(value) for name, value in zip(shown, numbers, strict=True))
        )
    return made


def number(name: str, value: float | None) -> str:
    """A figure as it is shown."""
    return "" if value is None else _COLUMNS[name][1].format(value)


def words(report: Report) -> Iterable[Text]:
    """Strengths and weaknesses of what was trained."""
    for each in report.contestants:
        if each.kind in _TRAINED and (each.strengths or each.weaknesses or each.note):
            yield Text(f"\n{each.name}", style="bold")
            yield from (Text(f"  + {line}", style="green") for line in each.strengths)
            yield from (Text(f"  - {line}", style="red") for line in each.weaknesses)
            yield from (Text(f"    {line}") for line in (each.note,) if line)


def transferred(report: Report) -> Table:
    """The market of the training, and this one."""
    made = table("", "in its own market", "here", "place there", "place here")
    for each in sorted(report.transfer, key=lambda each: each.away_rank):
        places = (f"{rank} of {each.of}" for rank in (each.home_rank, each.away_rank))
        made.add_row(each.name, f"{each.home.value:,.1f}", f"{each.away.value:,.1f}", *places)
    return made


def crossed(found: CrossPlayReport) -> Iterable[RenderableType]:
    """Rows earn what is shown a seat, beside the column in the other half of the seats."""
    yield Text("\ncross-play, profit per seat", style="bold")
    made = table("earns beside", *(str(number) for number in range(1, len(found.names) + 1)))
    for number, (name, row) in enumerate(zip(found.names, found.cells, strict=True), 1):
        made.add_row(f"{number} {name}", *(f"{cell.value:,.1f} ±{(cell.high - cell.low) / 2:,.1f}" for cell in row))
    yield made
    for name, line in found.told.items():
        yield Text(f"{name}: {line}")


def game(found: MetagameReport) -> Iterable[RenderableType]:
    """The game of choosing a strategy."""
    numbers = [str(number) for number in range(1, len(found.names) + 1)]
    yield Text("\nwhat each earns a seat beside each", style="bold")
    made = table("earns beside", *numbers)
    for number, name, row in zip(numbers, found.names, found.payoff, strict=True):
        made.add_row(f"{number} {name}", *(f"{value:,.0f}" for value in row))
    yield made
    yield Text("\nwhat evolution leaves, and in how many resamples it survives", style="bold")
    left = table("", "share", "survives")
    for name in sorted(found.names, key=lambda each: -found.survival[each]):
        if found.survival[name] > 0.0:
            left.add_row(name, f"{found.evolved[name]:.0%}", f"{found.survival[name]:.0%}")
    yield left
    yield Text(found.told)
    for each in found.equilibria:
        mix = ", ".join(f"{name} {share:.0%}" for name, share in each["mix"].items())
        yield Text(f"equilibrium {mix}: everybody earns {each['value']:,.2f}")
