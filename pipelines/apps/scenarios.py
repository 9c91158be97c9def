"""`agora scenarios`: the markets that can be simulated, and what each is made of."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer
import yaml
from rich.console import Console
from rich.table import Table

from simulator.world.scenario import Scenario, to_builtins
from simulator.world.scenario_files import load, names

HELP = """List the markets that can be simulated.

Examples:  [bold]agora scenarios[/bold]   [bold]agora scenarios --json[/bold]   [bold]agora scenarios show trading[/bold]
"""
app = typer.Typer(add_completion=False, help=HELP)
Json = Annotated[bool, typer.Option("--json", help="One compact line of JSON.")]


@app.callback(invoke_without_command=True)
def scenarios(context: typer.Context, json: Json = False) -> None:
    """List the markets that can be simulated."""
    if context.invoked_subcommand:
        return
    known = [load(name) for name in names()]
    if json:
        print(msgspec.json.encode({"scenarios": [brief(scenario) for scenario in known]}).decode())
        return
    table = Table("scenario", "agents", "steps", "symbols", "what it is", box=None, pad_edge=False)
    for scenario in known:
        symbols = ", ".join(symbol.name for symbol in scenario.symbols)
        table.add_row(f"[bold]{scenario.name}[/bold]", str(scenario.agents), str(scenario.steps), symbols, scenario.description)
    Console().print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A scenario's name, or a YAML file.")],
    agents: Annotated[int | None, typer.Option("--agents", "-n", help="With another number of agents.")] = None,
    json: Json = False,
) -> None:
    """Show all of a scenario: copy what it prints into a file of your own and change it.

    Examples:  [bold]agora scenarios show trading[/bold]   [bold]agora scenarios show trading --agents 500 --json[/bold]
    """
    scenario = load(name).with_agents(agents)
    if json:
        print(msgspec.json.encode(to_builtins(scenario)).decode())
        return
    body = {key: value for key, value in to_builtins(scenario).items() if key != "name"}
    print(yaml.safe_dump({scenario.name: body}, sort_keys=False, allow_unicode=True, width=120), end="")


def brief(scenario: Scenario) -> dict[str, Any]:
    """A scenario in one line."""
    populations: dict[str, int] = {}
    for population, count in zip(scenario.populations, scenario.counts(), strict=True):
        name = population.name or population.trader
        populations[name] = populations.get(name, 0) + count
    return {
        "name": scenario.name, "description": scenario.description, "agents": scenario.agents, "steps": scenario.steps,
        "symbols": [symbol.name for symbol in scenario.symbols], "populations": populations,
    }  # fmt: skip
