"""`agora tournament GAME`: strategies against each other, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from pipelines.apps.chosen import names_in
from pipelines.apps.lazy import new_app
from simulator.bargaining.negotiators.registry import NEGOTIATORS, make_negotiator
from simulator.bargaining.rules import Rules
from simulator.bargaining.tournament import Mean, Pairing, tournament
from simulator.seeding import checked_seed
from simulator.training.bargaining.exploit import exploited, known_game

_NOTE = """mean payoff of supplier / retailer, with half of their 95 % intervals
deals of the negotiations with a surplus, offers made, distance of the price from the Nash solution / from the subgame-perfect
equilibrium, as a share of the surplus"""


def build(arguments: Sequence[str]) -> typer.Typer:
    """The group of games."""
    app = new_app("Let strategies play against each other.")
    app.command("bargaining")(bargaining)
    app.callback()(lambda: None)
    return app


def bargaining(
    negotiators: Annotated[str, typer.Option(help="Names, separated by commas; module:Class for your own.")] = ",".join(NEGOTIATORS),
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Negotiations of each pair, the same for all.")] = 2000,
    offers: Annotated[int, typer.Option(min=1, help="Offers that may be made.")] = 10,
    answer_last: Annotated[bool, typer.Option("--answer-last", help="The last offer may still be answered.")] = False,
    seed: Annotated[int, typer.Option(help="Root of all chance.")] = 0,
    best_response: Annotated[
        bool, typer.Option("--best-response", help="Instead: what the exact best response gains against each, both valuations known.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Let negotiators bargain with each other, each as supplier and as retailer.

    Examples:  [bold]agora tournament bargaining[/bold]   [bold]agora tournament bargaining --negotiators linear,boulware -n 9999[/bold]
    [bold]agora tournament bargaining --best-response[/bold]
    """
    names = list(names_in(negotiators))
    if not names:
        raise ValueError(f"no negotiators in {negotiators!r}; name at least one of {', '.join(NEGOTIATORS)}")
    rules = Rules(offers=offers, answer_last=answer_last)
    if best_response:
        responses(rules, names, json)
        return
    found = tournament(rules, {name: make_negotiator(name) for name in names}, checked_seed(seed), count)
    if json:
        print(msgspec.json.encode({"rules": rules, "seed": seed, "pairings": found}).decode())
        return
    console = Console()
    console.print(matrix(names, found), ranking(names, found))
    console.print(_NOTE, style="dim", highlight=False)


def responses(rules: Rules, names: list[str], json: bool) -> None:
    """Show what is to be gained against each negotiator by whoever knows it."""
    game = known_game(rules)
    rows = [row for name in names for row in exploited(name, make_negotiator(name), game)]
    judged = {row.negotiator for row in rows}
    left_out = [name for name in names if name not in judged]
    if json:
        print(msgspec.json.encode({"rules": rules, "best_responses": rows, "not_judged": left_out}).decode())
        return
    table = Table("negotiator", "as", "its payoff", "the best response's", "one of its kind there", "gain", box=None, pad_edge=False)
    for row in sorted(rows, key=lambda each: -each.gain):
        figures = (f"{figure:,.0f}" for figure in (row.payoff, row.best_response, row.itself, row.gain))
        table.add_row(row.negotiator, row.party, *figures)
    console = Console()
    console.print(table)
    values = f"both know that the values are {game.supplier_value:,.0f} and {game.retailer_value:,.0f}; prices in steps of {game.step:,.0f}"
    console.print(values, style="dim", highlight=False)
    if left_out:
        console.print(f"not judged, because they look at more than the standing offer, or draw: {', '.join(left_out)}", style="dim")


def matrix(names: list[str], found: list[Pairing]) -> Table:
    """Suppliers down, retailers across."""
    table = Table("supplier \\ retailer", *names, box=None, pad_edge=False, show_lines=False)
    by_pair = {(pair.supplier, pair.retailer): pair for pair in found}
    for supplier in names:
        table.add_row(supplier, *(cell(by_pair[supplier, retailer]) for retailer in names))
    return table


def cell(pair: Pairing) -> str:
    """A pairing in two lines."""
    payoffs = (
        f"{pair.supplier_payoff.value:,.0f}{half(pair.supplier_payoff)} / {pair.retailer_payoff.value:,.0f}{half(pair.retailer_payoff)}"
    )
    return f"{payoffs}\n{pair.deals.value:.0%}, {pair.rounds.value:.1f}"


def half(mean: Mean) -> str:
    """Half of an interval's width."""
    return f"±{(mean.high - mean.low) / 2:,.0f}"


def ranking(names: list[str], found: list[Pairing]) -> Table:
    """Mean payoff of each over all opponents and both sides."""
    means: dict[str, Any] = {}
    for name in names:
        payoffs = [pair.supplier_payoff.value for pair in found if pair.supplier == name]
        payoffs += [pair.retailer_payoff.value for pair in found if pair.retailer == name]
        means[name] = sum(payoffs) / len(payoffs)
    table = Table("negotiator", "mean payoff", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for name in sorted(names, key=lambda each: -means[each]):
        table.add_row(name, f"{means[name]:,.1f}")
    return table
