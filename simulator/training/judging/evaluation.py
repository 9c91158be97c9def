"""An evaluation from candidates to report: judge everybody in the same fresh markets, then compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from simulator.envs.market.scenario import MarketScenario
from simulator.traders.trader import Trader
from simulator.training.judging.candidates import Candidate, check_fit, families
from simulator.training.judging.contestants import Contestant, Kind, baselines, of_family
from simulator.training.judging.cross_play import cells, cross_play, games, gap, told
from simulator.training.judging.equilibrium import metagame
from simulator.training.judging.figures import Judged, judge
from simulator.training.judging.report import CrossPlayReport, MetagameReport, Report, VersusReport
from simulator.training.judging.statistics import FEW, by_seed, probability_of_improvement
from simulator.training.judging.summary import curve, described, learning, profile, reported, transferred
from simulator.training.judging.versus import versus

_TRAINED = (Kind.POLICY, Kind.SAMPLED)


@dataclass(frozen=True)
class Evaluation:
    """What is asked.

    candidates : of one role.
    market : in which everybody is judged; away: another one to judge them in, whose report it then is, or None.
    scenario : the name of that market.
    seeds, episodes : of the markets.
    tuned : strategies of the baselines -> parameters that a search found, beside those of the scenario.
    cross, meta, ab : whether policies are seated together, beside the scripted strategies too, and whether two are compared.
    """

    candidates: Sequence[Candidate]
    market: MarketScenario
    seeds: Sequence[int]
    episodes: int
    away: MarketScenario | None = None
    scenario: str = ""
    tuned: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    cross: bool = True
    meta: bool = False
    ab: bool = False

    def __post_init__(self) -> None:
        for market in (self.market, self.judged_in):
            check_fit(market, self.candidates)
        if self.ab and len(self.candidates) != 2:
            raise ValueError(f"{len(self.candidates)} checkpoints cannot be compared as A and B; name two")

    @property
    def judged_in(self) -> MarketScenario:
        """The market of the report."""
        return self.away or self.market

    @cached_property
    def families(self) -> dict[str, list[Candidate]]:
        """Candidates by configuration; of A and B each for itself."""
        return {candidate.label: [candidate] for candidate in self.candidates} if self.ab else families(self.candidates)

    @cached_property
    def _titles(self) -> dict[str, str]:
        """Label -> family and training seed, or where two are alike in that the label."""
        titles = {each.label: f"{name}, seed {each.config.seed}" for name, family in self.families.items() for each in family}
        return titles if len(set(titles.values())) == len(titles) and not self.ab else {label: label for label in titles}

    def contestants(self, market: MarketScenario) -> list[Contestant]:
        """Everybody who takes the seats."""
        trained = [contestant for name, family in self.families.items() for contestant in of_family(name, family)]
        return [*trained, *baselines(market, self.tuned)]

    @property
    def markets(self) -> int:
        """How many are played in all."""
        found = sum(len(contestant.players) for contestant in self.contestants(self.judged_in))
        found += sum(len(contestant.players) for contestant in self.contestants(self.market)) if self.away else 0
        return (found + games(len(self._seated()))) * len(self.seeds) * self.episodes

    def _seated(self) -> list[tuple[str, Trader]]:
        """Who is seated together: the policies, and for the game of choosing a strategy those that learned nothing."""
        policies: list[tuple[str, Trader]] = [(self._titles[candidate.label], candidate.greedy()) for candidate in self.candidates]
        if self.meta:
            return policies + [(each.name, each.players[0]) for each in baselines(self.judged_in)]
        return policies if self.cross and len(policies) > 1 else []

    def report(self, tell: Callable[[], None] = lambda: None) -> Report:
        """Play and compare; tell is called after each market that was played."""
        judged = self._judge(self.judged_in, tell)
        wins = {
            ours.name: {theirs.name: probability_of_improvement(ours.scores, theirs.scores) for theirs in judged if theirs is not ours}
            for ours in judged
            if ours.contestant.kind in _TRAINED
        }
        ahead = {
            ours.name: {theirs.name: by_seed(ours.scores, theirs.scores) for theirs in judged if theirs.contestant.kind not in _TRAINED}
            for ours in judged
            if ours.contestant.kind in _TRAINED
        }
        crossed, meta = self._cross(tell)
        return Report(
            market=described(self.scenario or self.candidates[0].config.scenario, self.judged_in),
            seeds=list(self.seeds),
            episodes=self.episodes,
            warnings=self._warnings(),
            contestants=[reported(each, wins.get(each.name, {})) for each in judged],
            wins=wins,
            ahead=ahead,
            curves=[curve(each) for each in judged],
            profile=profile(judged),
            learning=[learning(candidate) for candidate in self.candidates if candidate.returns],
            cross_play=crossed,
            metagame=meta,
            versus=self._versus(judged),
            transfer=transferred(self._judge(self.market, tell), judged) if self.away else [],
        )

    def _judge(self, market: MarketScenario, tell: Callable[[], None]) -> list[Judged]:
        return [judge(market, each, self.seeds, self.episodes, tell) for each in self.contestants(market)]

    def _warnings(self) -> list[str]:
        found = []
        if len(self.seeds) < FEW:
            found.append(f"{len(self.seeds)} seed{'s' * (len(self.seeds) > 1)} of markets, fewer than {FEW}: the intervals mean little")
        for name, family in self.families.items():
            if len(family) < FEW and not self.ab:
                found.append(
                    f"{name} has {len(family)} training seed{'s' * (len(family) > 1)}, fewer than {FEW}: "
                    "its interval says little of what another training would earn"
                )
        steps = sorted({candidate.config.episode_steps for candidate in self.candidates})
        if len(steps) > 1:
            found.append(f"policies were trained for episodes of {steps} steps; all are judged over {self.judged_in.horizon}")
        return found

    def _versus(self, judged: list[Judged]) -> VersusReport | None:
        if not self.ab:
            return None
        first, second = (each for each in judged if each.contestant.kind is Kind.POLICY)
        found = versus(first.name, first.scores, second.name, second.scores)
        return VersusReport(first=first.name, second=second.name, difference=found.difference, wins=found.wins, verdict=found.verdict)

    def _cross(self, tell: Callable[[], None]) -> tuple[CrossPlayReport | None, MetagameReport | None]:
        seated = self._seated()
        if not seated:
            return None, None
        names = [name for name, _ in seated]
        payoffs = cross_play(self.judged_in, [player for _, player in seated], self.seeds, self.episodes, tell)
        gaps = {}
        for name, family in self.families.items():
            places = [names.index(self._titles[candidate.label]) for candidate in family]
            if len(places) > 1:
                gaps[name] = gap(payoffs[np.ix_(places, places)])
        crossed = CrossPlayReport(names=names, cells=cells(payoffs), gaps=gaps, told={name: told(found) for name, found in gaps.items()})
        return crossed, metagame(names, payoffs) if self.meta else None
