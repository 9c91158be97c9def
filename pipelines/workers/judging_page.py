"""An evaluation as one page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from pipelines.workers.judging_charts import TRAINED, charts
from pipelines.workers.page import drawn, table
from pipelines.workers.page import write_page as write
from simulator.training.judging.figures import FIGURES
from simulator.training.judging.report import ContestantReport, CrossPlayReport, MetagameReport, Report
from simulator.training.judging.statistics import Interval, seeds_ahead

_NAMES = {
    "sharpe": "Sharpe", "drawdown": "drawdown", "value_at_risk": "VaR 95 %", "success": "success", "market_value": "value at the end",
    "inventory": "mean inventory", "inventory_deviation": "its deviation", "greatest_inventory": "most held",
    "final_inventory": "held at the end", "turnover": "turnover", "flat_share": "time flat", "cooperation": "cooperation",
}  # fmt: skip
_SHARES = ("success", "flat_share")


TITLE = "Judged in markets nobody was trained in"


def write_page(report: Report, path: Path) -> None:
    """Write the page; the folder is made."""
    write(path, TITLE, parts(report))


def parts(report: Report) -> Iterator[str]:
    """The page from top to bottom."""
    market = report.market
    agents = ", ".join(f"{count} {name}" for name, count in market["agents"].items())
    many = f"{len(report.seeds)} seeds of {report.episodes} markets of {market['steps']} steps each"
    who = f"scenario {escape(market['scenario'])}, {market['learners']} seats of a {market['role']} among {escape(agents)}"
    yield f"<p>{many}: {who}. Everybody sat in the same seats of the same markets.</p>"
    yield from (f'<p class="warning" role="note">{escape(warning)}</p>' for warning in report.warnings)
    if report.versus:
        yield f"<h2>A against B</h2><p>{escape(report.versus.verdict)}.</p>"
    yield "<h2>Who earned what</h2>"
    yield earned(report)
    yield '<h2>Charts</h2><div class="charts">' + "".join(drawn(chart) for chart in charts(report)) + "</div>"
    yield "<h2>Risk, trading and inventory</h2>"
    yield figures(report)
    yield "<h2>Strengths and weaknesses</h2>"
    yield "".join(words(each) for each in report.contestants if each.kind in TRAINED)
    yield regimes(report)
    yield from beside(report)
    yield "<h2>What the figures are</h2><dl>" + "".join(
        f"<dt>{escape(_NAMES.get(name, 'profit'))}</dt><dd>{escape(text)}</dd>" for name, text in FIGURES.items()
    ) + "</dl>"  # fmt: skip


def beside(report: Report) -> Iterator[str]:
    """What only some evaluations have."""
    if report.transfer:
        rows = [
            ([each.name, shown(each.home), shown(each.away), f"{each.home_rank} of {each.of}", f"{each.away_rank} of {each.of}"], False)
            for each in sorted(report.transfer, key=lambda each: each.away_rank)
        ]
        head = ["who", "in the market of the training", "here", "place there", "place here"]
        yield "<h2>From the market of the training to this one</h2>" + table("Profit per episode and seat", head, rows)
    if report.metagame:
        yield from game(report.metagame)
    if report.cross_play:
        yield crossed(report.cross_play)
    if report.learning:
        rows = [
            ([each.run, each.verdict, *(number(value) for value in (each.move, each.low, each.high))], False) for each in report.learning
        ]
        head = ["run", "verdict", "move over the last third", "low", "high"]
        yield "<h2>Has the learning settled?</h2>" + table("Learning curves", head, rows)


def number(value: float | None, share: bool = False) -> str:
    """A figure for people."""
    if value is None:
        return "–"
    return f"{value:.0%}" if share else f"{value:,.3f}" if abs(value) < 1 else f"{value:,.1f}"


def shown(found: Interval) -> str:
    """An estimate with its interval."""
    return f"{found.value:,.1f} ({found.low:,.1f} to {found.high:,.1f})"


def ranked(report: Report) -> list[ContestantReport]:
    """Who earned most comes first."""
    return sorted(report.contestants, key=lambda each: -each.score.value)


def earned(report: Report) -> str:
    """Profit, and how often each policy earned more."""
    rows, what = [], "steadiness" if report.market["role"] == "regulator" else "profit"
    for each in ranked(report):
        rates = [report.wins[policy].get(each.name) for policy in report.wins]
        cells = [each.name, each.kind, f"{each.score.value:,.2f}", f"{each.score.low:,.1f} to {each.score.high:,.1f}"]
        seeds = [report.ahead[policy].get(each.name) for policy in report.ahead]
        beaten = ["–" if rate is None else f"{rate.value:.0%}" for rate in rates]
        beyond = ["–" if found is None else seeds_ahead(found) for found in seeds]
        rows.append(([*cells, *beaten, *beyond], each.kind in TRAINED))
    head = ["who", "what it is", what, "95 % interval", *(f"beaten by {policy}" for policy in report.wins)]
    head += [f"seeds ({policy})" for policy in report.ahead]
    told = "how often it was beaten in the same market, and in how many seeds of markets beyond chance"
    return table(f"{what.capitalize()} per episode and seat, {told}", head, rows)


def figures(report: Report) -> str:
    """All other figures, as means."""
    names = [name for name in _NAMES if any(each.figures[name] is not None for each in report.contestants)]
    rows = [
        ([each.name, *(number(each.figures[name], name in _SHARES) for name in names)], each.kind in TRAINED) for each in ranked(report)
    ]
    return table("Means over runs and markets", ["who", *(_NAMES[name] for name in names)], rows)


def regimes(report: Report) -> str:
    """Profit by the way the fundamental value moves."""
    names = list(dict.fromkeys(name for each in report.contestants for name in each.regimes))
    if not names:
        return ""
    rows = [([each.name, *(shown(each.regimes[name]) for name in names)], each.kind in TRAINED) for each in ranked(report)]
    return table("Profit by regime: a third of the markets each, by the value's deviation and by its change", ["who", *names], rows)


def words(each: ContestantReport) -> str:
    """Strengths and weaknesses of one policy."""
    lines = [f"<li>Strength: {escape(line)}.</li>" for line in each.strengths]
    lines += [f"<li>Weakness: {escape(line)}.</li>" for line in each.weaknesses]
    said = f"<ul>{''.join(lines)}</ul>" if lines else "<p>It earns alike in all regimes, as far as so many markets show.</p>"
    note = f'<p class="soft">{escape(each.note)}.</p>' if each.note else ""
    return f"<h3>{escape(each.name)}</h3>{said}{note}"


def crossed(found: CrossPlayReport) -> str:
    """Cross-play in figures."""
    numbers = [str(place) for place in range(1, len(found.names) + 1)]
    rows = [
        ([f"{place} {name}", *(shown(cell) for cell in row)], False)
        for place, name, row in zip(numbers, found.names, found.cells, strict=True)
    ]
    said = "".join(f"<p>{escape(name)}: {escape(line)}.</p>" for name, line in found.told.items())
    return f"<h2>Seated together</h2>{said}" + table("Profit per seat of the row beside the column", ["who", *numbers], rows)


def game(found: MetagameReport) -> Iterator[str]:
    """The game of choosing a strategy in figures."""
    numbers = [str(place) for place in range(1, len(found.names) + 1)]
    rows = []
    for place, name, row in zip(numbers, found.names, found.payoff, strict=True):
        mix = [f"{found.evolved[name]:.0%}", f"{found.survival[name]:.0%}", f"{found.regrets[name]:,.1f}"]
        rows.append(([f"{place} {name}", *(f"{value:,.1f}" for value in row), *mix], False))
    yield f"<h2>The game of choosing a strategy</h2><p>{escape(found.told)}.</p>"
    for each in found.equilibria:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in each["mix"].items())
        yield f"<p>Equilibrium: {escape(shares)}; everybody earns {each['value']:,.2f} a seat.</p>"
    head = ["who", *numbers, "share after evolution", "survives in so many resamples", "gain from joining"]
    yield table("Profit per seat of the row beside the column", head, rows)
