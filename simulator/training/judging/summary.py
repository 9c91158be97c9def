"""What was measured, as the plain data of a report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.envs.market.scenario import MarketScenario
from simulator.training.judging.candidates import Candidate
from simulator.training.judging.convergence import converged
from simulator.training.judging.figures import Judged
from simulator.training.judging.regimes import Places, strengths, weaknesses
from simulator.training.judging.report import ContestantReport, CurveReport, LearningReport, ProfileReport, TransferReport
from simulator.training.judging.statistics import Interval, interval, middles, performance_profile

_LEVELS = 41


def described(scenario: str, market: MarketScenario) -> dict[str, object]:
    """A market in plain data."""
    agents: dict[str, int] = {}
    for population in market.background:
        name = population.name or population.trader
        agents[name] = agents.get(name, 0) + (population.count or 0)
    return {"scenario": scenario, "role": market.role.value, "learners": market.learners, "agents": agents, "steps": market.horizon}


def reported(judged: Judged, wins: dict[str, Interval]) -> ContestantReport:
    """One contestant in plain data."""
    places, contestant = Places(judged), judged.contestant
    figures = {name: _mean(values) for name, values in judged.figures.items()}
    return ContestantReport(
        name=judged.name, kind=contestant.kind.value, runs=list(contestant.labels), note=contestant.note, score=interval(judged.scores),
        figures=figures, regimes={regime.value: found for regime, found in places.there.items()},
        strengths=strengths(places, wins), weaknesses=weaknesses(places, wins),
    )  # fmt: skip


def _mean(values: NDArray[np.float64]) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None


def curve(judged: Judged) -> CurveReport:
    """Profit over the steps."""
    rows = judged.curves.reshape(-1, len(judged.steps))
    low, high = np.quantile(rows, [0.25, 0.75], axis=0)
    return CurveReport(name=judged.name, steps=judged.steps.tolist(), low=low.tolist(), middle=middles(rows.T).tolist(), high=high.tolist())


def profile(judged: Sequence[Judged]) -> ProfileReport:
    """Shares of episodes above levels that hold the middle 98 % of everybody's."""
    everything = np.concatenate([each.scores.ravel() for each in judged])
    low, high = np.quantile(everything, [0.01, 0.99])
    levels = np.linspace(float(low), float(high), _LEVELS)
    shares = {each.name: [Interval(*row) for row in performance_profile(each.scores, levels).tolist()] for each in judged}
    return ProfileReport(levels=levels.tolist(), shares=shares)


def learning(candidate: Candidate) -> LearningReport:
    """A training curve in plain data."""
    found = converged(candidate.returns)
    move, low, high = (None if np.isnan(number) else number for number in found[1:])
    return LearningReport(run=candidate.label, returns=list(candidate.returns), verdict=found.verdict.value, move=move, low=low, high=high)


def transferred(home: Sequence[Judged], away: Sequence[Judged]) -> list[TransferReport]:
    """Those who are in both markets, with their places among them."""
    there = {each.name: interval(each.scores) for each in away}
    here = {each.name: interval(each.scores) for each in home if each.name in there}
    ranks = [{name: rank for rank, name in enumerate(sorted(found, key=lambda each: -found[each].value), 1)} for found in (here, there)]
    return [
        TransferReport(name=name, home=found, away=there[name], home_rank=ranks[0][name], away_rank=ranks[1][name], of=len(here))
        for name, found in here.items()
    ]
