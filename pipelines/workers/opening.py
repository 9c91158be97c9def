"""Opening a market as a worker plays it: made from a run's configuration, or restored from a snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.workers.display import Display, agent_names
from pipelines.workers.finals import by_role, by_type
from pipelines.workers.play import Chunk
from pipelines.workers.publish import Rows
from pipelines.workers.reconcile.tally import hashes_by_type
from pipelines.workers.registry import WorldResult
from pipelines.workers.run_config import SimulateConfig
from simulator.world.agents import MakeTrader, registered
from simulator.world.digest import run_hash
from simulator.world.episodes import episodes
from simulator.world.mechanisms import RoleName
from simulator.world.scenario import Scenario, from_builtins
from simulator.world.world import World


class MarketWorld:
    """A simulator's world with what a worker asks of it: names, labels and a result.

    Parameters
    ----------
    world : the market, at its beginning or restored.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._types = [type_name(trader) for trader in world.table.types()]

    @property
    def step(self) -> int:
        """Steps played."""
        return self.world.step

    @property
    def next_seq(self) -> int:
        """Records written."""
        return self.world.next_seq

    def advance(self, until: int) -> Iterator[Chunk]:
        """Play up to `until` steps in all."""
        for chunk in self.world.chunks(until):
            yield Chunk(chunk.first_seq, chunk.records, chunk.last_step)

    def snapshot(self) -> bytes:
        """The whole state; taken between two chunks."""
        return self.world.snapshot()

    @property
    def display(self) -> Display:
        """Names and units of the market as it begins."""
        scenario, agents = self.world.scenario, self.world.agents
        populations = [scenario.populations[kind] for kind in agents["trader_type"]]
        trades = agents["symbol"].astype(np.int64)
        inventory = np.zeros((len(agents), len(scenario.symbols)), np.int64)
        inventory[np.arange(len(agents)), trades] = [population.inventory for population in populations]
        return Display(
            agents=agent_names(self._types),
            symbols=[symbol.name for symbol in scenario.symbols],
            tick_values=[symbol.tick_value for symbol in scenario.symbols],
            trades=trades,
            cash=np.array([population.cash for population in populations], np.int64),
            inventory=inventory,
            prices=np.array([symbol.initial_price for symbol in scenario.symbols], np.int64),
            beyond=beyond_files(scenario),
        )

    def names(self, start_ns: int) -> Rows:
        """Rows of market.worlds: symbols, topics of messages and texts for them. No name tells what an agent is: it has its number."""
        scenario = self.world.scenario
        named = [("symbol", [symbol.name for symbol in scenario.symbols]), ("topic", list(scenario.message_topics))]
        common = {"step": 0, "start_ns": start_ns, "step_ns": scenario.step_nanoseconds}
        rows = [{**common, "kind": kind, "id": number, "name": name} for kind, names in named for number, name in enumerate(names)]
        topics = scenario.message_topics
        return rows + [
            {**common, "kind": "template", "id": topics.index(topic), "name": text} for topic, text in scenario.message_templates.items()
        ]

    def labels(self) -> Rows:
        """Rows of evaluation.labels: the strategy of every agent, and the role of those that have one."""
        common = {"step": 0, "symbol": -1, "first_step": 0, "last_step": -1, "episode": -1}
        kinds = [{**common, "kind": "agent_type", "agent": agent, "value": kind} for agent, kind in enumerate(self._types)]
        roles = [self.world.scenario.populations[number].role for number in self.world.agents["trader_type"]]
        return kinds + [
            {**common, "kind": "role", "agent": agent, "value": str(role)}
            for agent, role in enumerate(roles)
            if role is not RoleName.TRADER
        ]

    def episodes(self) -> Rows:
        """Rows of evaluation.labels: the episodes of manipulation so far, one row for each agent that takes part in one."""
        families = [getattr(trader, "family", "") for trader in self.world.table.traders]
        by_agent = [families[number] for number in self.world.agents["trader_type"]]
        return [
            {
                "step": max(each.first_step, each.last_step), "kind": by_agent[each.agent], "agent": each.agent, "symbol": each.symbol,
                "first_step": each.first_step, "last_step": each.last_step, "episode": each.number, "value": each.outcome.name.lower(),
            }
            for each in episodes(self.world.declared)
            if by_agent[each.agent]
        ]  # fmt: skip

    def result(self, world_id: int) -> WorldResult:
        """What the world came to, from its own digest."""
        events, hashes = hashes_by_type(self.world.digest)
        profits = self._profits()
        return WorldResult(
            world_id=world_id,
            events=events,
            hashes=hashes,
            world_hash=self.world.hash(),
            books=self.world.book_hashes(),
            steps=self.step,
            last_seq=self.next_seq - 1,
            finals=by_type(self._types, profits, self.world.agents["inventory"]),
            roles=by_role(self.world, profits, self.display.money(np.ones(len(profits)))),
        )

    def _profits(self) -> NDArray[np.float64]:
        """(agents,) currency gained since the start, at the mid price."""
        begin, agents = self.display, self.world.agents
        mid = self.world.markets["mid_twice"][begin.trades] / 2
        held = begin.inventory.sum(axis=1)
        gained = agents["cash"] + agents["inventory"] * mid - begin.cash - held * begin.prices[begin.trades]
        return begin.money(gained)


def beyond_files(scenario: Scenario) -> tuple[str, ...]:
    """What there is to write down of a scenario beside prices, actions and accounts."""
    there = {
        "resources": any(symbol.resource for symbol in scenario.symbols), "negotiations": scenario.deals,
        "interventions": scenario.oversight or scenario.circuit_breaker, "standing": scenario.reputation or scenario.alliances,
        "messages": scenario.gossip or scenario.alliances,
    }  # fmt: skip
    return tuple(name for name, some in there.items() if some)


def type_name(trader: str) -> str:
    """What a strategy is called in labels and results: its name, or of module:Class the class in small letters.

    >>> type_name("noise"), type_name("simulator.envs.market.learner:Learner")
    ('noise', 'learner')
    """
    _, colon, name = trader.rpartition(":")
    return name.lower() if colon else trader


def open_world(config: SimulateConfig, seed: int, world_id: int, snapshot: bytes | None) -> MarketWorld:
    """The market of a run. Raises ValueError for what the scenario asks and cannot have, or a snapshot of another version."""
    world = World(scenario_of(config), world_id, seed, maker_of(config))
    if snapshot is not None:
        world.restore(snapshot)
    return MarketWorld(world)


def maker_of(config: SimulateConfig) -> MakeTrader:
    """What makes the strategies of a run."""
    if config.policy is None:
        return registered
    from pipelines.workers.policy_play import policy_maker  # the learning environment takes a second to import

    return policy_maker(config.policy)


def scenario_of(config: SimulateConfig) -> Scenario:
    """The scenario of a run, with its number of agents."""
    return from_builtins(config.scenario)


def check_world(config: SimulateConfig, seed: int) -> None:
    """Raise ValueError now for what would fail in the first step of a worker."""
    table = open_world(config, seed, 0, None).world.table
    if any(":" in population.trader for population in table.populations):
        table.compile()  # a strategy of the user's own, which nobody has compiled before


def compile_traders(config: SimulateConfig, seed: int) -> None:
    """Compile the strategies of a run and keep them on disk, where its workers find them."""
    open_world(config, seed, 0, None).world.table.compile()


def combined_hash(world_hashes: Sequence[str]) -> str:
    """The hash of a run from those of its worlds, in order."""
    return run_hash(world_hashes)
