"""A trained policy against the incumbent of its place: promoted only if it earns more beyond doubt.

Both take the same seats of the same new markets. The candidate is promoted if the whole 95 % interval of the difference in profit lies
above zero. Where nobody holds the place, it must be ahead of everybody who learned nothing: random actions, noise, and itself before
training.
The same two in the same markets are one decision: made once, however often it is asked for.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.settings import Settings
from pipelines.sinks.sql_promotions import IncumbentChanged, Promotion, Promotions
from pipelines.workers.durable import sync_folder
from simulator.training.checkpoint import POLICY, Checkpoint
from simulator.training.exported import export_checkpoint
from simulator.training.judging.candidates import Candidate, check_fit
from simulator.training.judging.contestants import Contestant, Kind, baselines
from simulator.training.judging.figures import judge
from simulator.training.judging.markets import fresh_seeds, market_of
from simulator.training.judging.versus import Versus, versus

TRIES = 5
"""How often a candidate is judged again because another one was promoted meanwhile."""
NAIVE = ("random actions", "noise")
EXPORTED = "play.npz"
"""A promoted policy as one file, as `agora simulate --policy` takes it."""
Tell = Callable[[], None]


@dataclass(frozen=True)
class Markets:
    """The new markets of a decision."""

    first_seed: int
    seeds: int
    episodes: int

    @property
    def count(self) -> int:
        """How many there are."""
        return self.seeds * self.episodes


def place_of(candidate: Candidate) -> str:
    """What a policy competes for: env/scenario/role."""
    config = candidate.config
    return f"{config.env}/{config.scenario}/{config.role.value}"


def kept(settings: Settings, place: str, sha256: str) -> Path:
    """The folder in which a policy is kept that was promoted."""
    return settings.data_dir / "policies" / place.replace("/", "-") / sha256[:16]


@dataclass(frozen=True)
class Trial:
    """A candidate on trial.

    folder : its checkpoint. now : when it is decided. tell : called after each market that was played.
    """

    settings: Settings
    known: Promotions
    candidate: Candidate
    folder: Path
    markets: Markets
    now: datetime
    tell: Tell = lambda: None

    def decide(self) -> Promotion:
        """Decide, or tell what was decided. Raises ValueError for a candidate that cannot play where the incumbent does."""
        for _ in range(TRIES):
            try:
                return self._decided()
            except IncumbentChanged:
                continue
        raise ValueError(f"{self.place} had a new incumbent {TRIES} times while {self.candidate.label} was judged; try again later")

    @property
    def place(self) -> str:
        """What it competes for."""
        return place_of(self.candidate)

    def _decided(self) -> Promotion:
        digest, holder = sha256_of(Checkpoint(self.folder).policy), self.known.incumbent(self.place)
        if holder and holder.sha256 == digest:
            return holder
        against = holder.sha256 if holder else ""
        name = hashlib.sha256(f"{self.place} {digest} {against} {self.markets}".encode()).hexdigest()
        before = self.known.made(name)
        if before:
            return before
        incumbent = Candidate.load(kept(self.settings, self.place, against), holder.candidate) if holder else None
        opponent, found = compared(self.candidate, incumbent, self.markets, self.tell)
        if found.difference.above_zero:
            keep(self.folder, kept(self.settings, self.place, digest))  # first: an incumbent is never without its policy
        return self.known.record(
            Promotion(
                decision=name, place=self.place, decided=self.now, candidate=self.candidate.label, sha256=digest, opponent=opponent,
                opponent_sha256=against, promoted=found.difference.above_zero, difference=found.difference.value,
                low=found.difference.low, high=found.difference.high, markets=self.markets.count, verdict=found.verdict,
            )
        )  # fmt: skip


def compared(candidate: Candidate, incumbent: Candidate | None, markets: Markets, tell: Tell) -> tuple[str, Versus]:
    """The candidate against the incumbent, or against whoever of those that learned nothing it is least ahead of; their name first."""
    trained = [each.config.seed for each in (candidate, incumbent) if each]
    market, seeds = market_of(candidate.config), fresh_seeds(markets.first_seed, markets.seeds, trained)
    check_fit(market, [candidate, *([incumbent] if incumbent else [])])
    ours = judge(market, _seated(candidate.label, candidate), seeds, markets.episodes, tell).scores
    found = []
    for other in [_seated(incumbent.label, incumbent)] if incumbent else list(_naive(candidate)):
        theirs = judge(market, other, seeds, markets.episodes, tell).scores
        found.append((other.name, versus(candidate.label, ours, other.name, theirs)))
    return min(found, key=lambda each: each[1].difference.low)


def _seated(name: str, candidate: Candidate) -> Contestant:
    return Contestant(name, Kind.POLICY, (candidate.greedy(),), (candidate.label,))


def _naive(candidate: Candidate) -> Iterator[Contestant]:
    yield from (each for each in baselines(market_of(candidate.config)) if each.name in NAIVE)
    if candidate.untrained:
        yield Contestant("itself before training", Kind.UNTRAINED, (candidate.greedy(untrained=True),))


def keep(folder: Path, final: Path) -> None:
    """Copy a checkpoint, with its policy as one file that plays anywhere, unless that was done before."""
    if final.is_dir():
        return
    half = final.with_name(f".{final.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(folder, half)
    export_checkpoint(half, half / EXPORTED)
    half.rename(final)
    sync_folder(final.parent)


def lacking(settings: Settings, incumbents: Sequence[Promotion]) -> list[str]:
    """What is wrong with the kept files of incumbents, in words."""
    found = []
    for each in incumbents:
        file = kept(settings, each.place, each.sha256) / POLICY
        if not file.is_file():
            found.append(f"{each.place}: {file} is missing; restore it from a copy, or promote {each.candidate} anew")
        elif sha256_of(file) != each.sha256:
            found.append(f"{each.place}: {file} is not what was promoted; restore it from a copy")
    return found


def sha256_of(file: Path) -> str:
    """The hash of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
