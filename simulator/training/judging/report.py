"""What an evaluation says, as plain data: what `agora evaluate --json` prints. Every interval is [value, low, high] at 95 %."""

from __future__ import annotations

from typing import Any

import msgspec

from simulator.training.judging.statistics import Interval


class ContestantReport(msgspec.Struct, frozen=True, kw_only=True):
    """One who was judged."""

    name: str
    kind: str  # simulator.training.judging.contestants.Kind
    runs: list[str]  # checkpoints of a family of policies
    note: str
    score: Interval  # interquartile mean over runs and markets
    figures: dict[str, float | None]  # simulator.training.judging.figures.FIGURES, means over runs and markets
    regimes: dict[str, Interval]  # regime -> score there
    strengths: list[str]
    weaknesses: list[str]


class CurveReport(msgspec.Struct, frozen=True, kw_only=True):
    """Profit since the start over the steps: interquartile mean, and the quarter and three quarters of all episodes."""

    name: str
    steps: list[int]
    low: list[float]
    middle: list[float]
    high: list[float]


class ProfileReport(msgspec.Struct, frozen=True, kw_only=True):
    """Share of episodes above each level of profit."""

    levels: list[float]
    shares: dict[str, list[Interval]]


class CrossPlayReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the row earned a seat beside the column."""

    names: list[str]
    cells: list[list[Interval]]
    gaps: dict[str, Interval]  # family -> self-play less cross-play
    told: dict[str, str]


class MetagameReport(msgspec.Struct, frozen=True, kw_only=True):
    """The game of choosing a strategy."""

    names: list[str]
    payoff: list[list[float]]  # what the row earns beside the column
    equilibria: list[dict[str, Any]]  # {"mix": {name: share}, "value": what everybody earns}
    evolved: dict[str, float]  # the mix of replicator dynamics from equal shares
    survival: dict[str, float]  # share of resamples in which it is still there
    regrets: dict[str, float]  # what each would earn more in the evolved mix
    told: str


class VersusReport(msgspec.Struct, frozen=True, kw_only=True):
    """A against B."""

    first: str
    second: str
    difference: Interval
    wins: Interval
    verdict: str


class LearningReport(msgspec.Struct, frozen=True, kw_only=True):
    """A training curve, and whether it has settled."""

    run: str
    returns: list[float]
    verdict: str
    move: float | None
    low: float | None
    high: float | None


class TransferReport(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the market of its training, and in another one."""

    name: str
    home: Interval
    away: Interval
    home_rank: int
    away_rank: int
    of: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """An evaluation."""

    version: int = 1
    market: dict[str, Any]  # scenario, role, learners, agents by strategy, steps
    seeds: list[int]
    episodes: int  # of each seed
    warnings: list[str]
    contestants: list[ContestantReport]
    wins: dict[str, dict[str, Interval]]  # policy -> other -> how often it earned more in the same market
    ahead: dict[str, dict[str, list[Interval]]]  # policy -> who learned nothing -> by how much it earned more, seed by seed
    curves: list[CurveReport]
    profile: ProfileReport
    learning: list[LearningReport]
    cross_play: CrossPlayReport | None = None
    metagame: MetagameReport | None = None
    versus: VersusReport | None = None
    transfer: list[TransferReport] = []
