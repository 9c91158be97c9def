"""The page with which the demo ends: what was reconciled, earned and learned, and where everything lies."""

from __future__ import annotations

from typing import Any

import msgspec
from deltalake import DeltaTable
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.places import Place
from pipelines.settings import Settings
from pipelines.workers.progress import short_count
from spark_jobs.catalog import table

MINUTES = 5
COLUMNS = {
    "world_id": "world", "minute": "min", "open": "open", "high": "high", "low": "low", "close": "close", "volume": "volume",
    "spread": "spread", "realised_volatility": "volatil.", "order_to_trade_ratio": "orders/trade",
}  # fmt: skip
"""Columns of gold.market_minutes, and what they are called where a line has 80 characters."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo found: the results of simulate, train and verify, and rows of gold.market_minutes."""

    seconds: float
    simulation: dict[str, Any]
    training: dict[str, Any]
    proofs: list[dict[str, Any]]
    minutes: list[dict[str, Any]]
    files: str  # the folder of CSV files and charts


def sample_minutes(lake: Place, run_id: str) -> list[dict[str, Any]]:
    """The first minutes of a run in gold.market_minutes."""
    minutes = DeltaTable(str(table("gold.market_minutes").path(lake))).to_pandas(partitions=[("run_id", "=", run_id)])
    sample = minutes.sort_values(["world_id", "minute"]).head(MINUTES)
    rows: list[dict[str, Any]] = sample[[name for name in COLUMNS if name in sample]].to_dict("records")
    return rows


def page(found: Page, settings: Settings, keep: bool) -> None:
    """Print it."""
    console = Console()
    console.rule("[bold]Agora: one run, reconciled")
    for proof in found.proofs:
        console.print(verdict(proof), counts(proof))
    console.print(rates(found), profits(found.simulation), learner(found.training), minutes(found.minutes))
    console.print(places(settings, found.files, keep), highlight=False, soft_wrap=True)
    console.print(next_commands(found.simulation["run_id"], keep), highlight=False, soft_wrap=True)


def verdict(proof: dict[str, Any]) -> Text:
    """One line: equal everywhere, or what differs."""
    if proof["ok"]:
        return Text(f"run {proof['run_id']}: simulator = {' = '.join(proof['stores'])}, {proof['books']} books rebuilt", style="green")
    return Text(f"run {proof['run_id']}: " + "; ".join(proof["differences"][:5]), style="red")


def counts(proof: dict[str, Any]) -> Table:
    """Events by type and store."""
    made = numbers("events", "simulator", *proof["stores"])
    for event, row in proof["events"].items():
        made.add_row(event, *(f"{row[store]:,}" if store in row else "" for store in ("simulator", *proof["stores"])))
    return made


def rates(found: Page) -> Text:
    """How fast it went."""
    total = sum(sum(row["simulator"] for row in proof["events"].values()) for proof in found.proofs)
    return Text(
        f"\n{total:,} events, {short_count(total / found.seconds)}/s over the whole {found.seconds:.0f} s, set-up of servers included\n"
    )


def profits(simulation: dict[str, Any]) -> Table:
    """Profit and loss by trader type, in currency."""
    made = numbers("profit and loss", "agents", "mean", "worst", "best")
    for kind, row in simulation["profit"].items():
        made.add_row(kind, f"{row['agents']:.0f}", *(f"{row[name]:,.2f}" for name in ("profit", "worst_profit", "best_profit")))
    return made


def learner(training: dict[str, Any]) -> Table:
    """What the learner earns in new markets, before and after training, beside the noise trader."""
    made = numbers("the learner in new markets", "profit per episode", "95 % interval")
    for name, row in training["evaluation"].items():
        made.add_row(name, f"{row['middle']:,.2f}", f"{row['low']:,.2f} to {row['high']:,.2f}")
    return made


def minutes(rows: list[dict[str, Any]]) -> Table:
    """A sample of gold.market_minutes."""
    names = [COLUMNS[name] for name in rows[0]] if rows else ["gold.market_minutes is empty"]
    made = numbers(*names, title="gold.market_minutes")
    for row in rows:
        made.add_row(*(f"{value:.3g}" if isinstance(value, float) else str(value) for value in row.values()))
    return made


def numbers(*names: str, title: str | None = None) -> Table:
    """A plain table with its first column left and the others right."""
    made = Table(*names, box=None, pad_edge=False, title=title, title_justify="left", title_style="bold")
    for column in made.columns[1:]:
        column.justify = "right"
    return made


def places(settings: Settings, files: str, keep: bool) -> str:
    """Where everything lies."""
    state = "left running; stop with: agora stack down" if keep else "stopped"
    lines = {
        "tables": settings.lake_dir,
        "files": f"{files}/logs/prices.csv, actions.csv, pnl.csv",
        "charts": f"{files}/charts",
        "runs": settings.runs_dir,
        "logs": settings.data_dir / "demo",
    }
    return "\n" + "".join(f"{name:6} {place}\n" for name, place in lines.items()) + f"broker and stream are {state}"


def next_commands(run_id: str, keep: bool) -> str:
    """What to try now."""
    start = "" if keep else "agora stack up\n  "
    return f"""
try
  agora sql "SELECT aggressor, count(*), sum(size) FROM silver.trades GROUP BY 1"
  agora simulate --to csv --worlds 2 --seed 7
  {start}agora tail trades --run {run_id}
  agora verify --run {run_id} --recompute"""
