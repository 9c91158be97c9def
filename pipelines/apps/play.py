"""`agora play GAME`: a person against a strategy, in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from pipelines.apps.errors import UserError
from pipelines.apps.lazy import new_app
from simulator.bargaining.draws import begin
from simulator.bargaining.negotiators.negotiator import Decision, Negotiator
from simulator.bargaining.negotiators.registry import NEGOTIATORS, make_negotiator
from simulator.bargaining.playing import Match
from simulator.bargaining.protocol import Rows
from simulator.bargaining.rules import ActionType, Outcome, Party, Rules
from simulator.seeding import checked_seed


def build(arguments: Sequence[str]) -> typer.Typer:
    """The group of games."""
    app = new_app("Play against a strategy.")
    app.command("bargaining")(bargaining)
    app.callback()(lambda: None)
    return app


def bargaining(
    opponent: Annotated[str, typer.Option("--opponent", "-o", help=f"One of {', '.join(NEGOTIATORS)}, or module:Class.")] = "linear",
    role: Annotated[str, typer.Option("--role", help="What you are: supplier or retailer.")] = "retailer",
    offers: Annotated[int, typer.Option(min=1, help="Offers that may be made.")] = 10,
    seed: Annotated[int, typer.Option(help="Which negotiation.")] = 0,
) -> None:
    """Bargain over a price: type a number to offer it, a to accept, w to walk away, q to stop.

    Examples:  [bold]agora play bargaining[/bold]   [bold]agora play bargaining --opponent boulware --role supplier --seed 7[/bold]
    """
    if role not in ("supplier", "retailer"):
        raise UserError(f"role {role!r} is unknown", "choose supplier or retailer")
    mine = Party[role.upper()]
    strategy, rules = make_negotiator(opponent), Rules(offers=offers, answer_last=True)
    person = Negotiator()
    pair = (person, strategy) if mine is Party.SUPPLIER else (strategy, person)
    talk(Match(rules, *pair), begin(rules, checked_seed(seed), 1), mine, Console(highlight=False))


def talk(match: Match, row: Rows, mine: Party, console: Console) -> None:
    """Play one negotiation (1,) to its end."""
    own = float(row["value"][0, mine])
    verb = "costs you" if mine is Party.SUPPLIER else "is worth to you"
    console.print(f"You are the [bold]{mine.name.lower()}[/bold]: the deal {verb} {own:,.2f}. {match.rules.offers} offers may be made.")
    while row["outcome"][0] == Outcome.RUNNING:
        if row["turn"][0] == mine:
            match.act(row, asked(match.rules, row, console))
        else:
            console.print(said(match.turn(row)))
    console.print(ending(match, row, mine))


def asked(rules: Rules, row: Rows, console: Console) -> Decision:
    """What the person does; asks until it can be understood."""
    left = rules.offers - int(row["offers"][0])
    while True:
        answer = typer.prompt(f"{left} offers left. Price, (a)ccept, (w)alk away, (q)uit").strip().lower()
        if answer in ("q", "quit"):
            raise KeyboardInterrupt
        if answer in ("w", "walk", "walk away"):
            return Decision(ActionType.WALK_AWAY)
        if answer in ("a", "accept"):
            if row["standing"][0] >= 0:
                return Decision(ActionType.ACCEPT)
            console.print("There is no offer to accept yet.")
            continue
        if (price := number_of(answer)) is None or not rules.low <= price <= rules.high:
            console.print(f"{answer!r} is no price from {rules.low:,.0f} to {rules.high:,.0f}; type a number like 6,500.")
        else:
            return Decision(ActionType.COUNTER, price)


def number_of(text: str) -> float | None:
    """A price as people write it.

    >>> number_of("$6,500"), number_of("abc")
    (6500.0, None)
    """
    try:
        return float(text.replace(",", "").replace("$", "").strip())
    except ValueError:
        return None


def said(decision: Decision) -> str:
    """What the other one did."""
    if decision.action is ActionType.COUNTER:
        return f"They offer [bold]{decision.price:,.2f}[/bold]."
    return "They accept." if decision.action is ActionType.ACCEPT else "They walk away."


def ending(match: Match, row: Rows, mine: Party) -> str:
    """How it ended, and what was there to be had."""
    found, values = row[0], row["value"][0]
    payoffs = match.worth(row)[0]
    if found["outcome"] != Outcome.DEAL:
        how = "You parted" if found["outcome"] == Outcome.WALKED_AWAY else "Time ran out"
        return f"{how} without a deal: {payoffs[mine]:+,.2f} for each."
    share = (found["price"] - values[0]) / (values[1] - values[0])
    kept = share if mine is Party.SUPPLIER else 1 - share
    return (
        f"A deal at {found['price']:,.2f}: {payoffs[mine]:+,.2f} for you, {payoffs[1 - mine]:+,.2f} for them. "
        f"Their value was {values[1 - mine]:,.2f}; you got {kept:.0%} of the surplus, and a half would have been {values.mean():,.2f}."
    )
