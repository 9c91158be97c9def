"""Which detectors there are, and which candidates each of them looks at."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from spark_jobs.detection import (
    ahead,
    ahead_features,
    bursts,
    cartels,
    circles,
    closes,
    excursions,
    meetings,
    partners,
    pressure,
    promotions,
)
from spark_jobs.detection.columns import Array, Public
from spark_jobs.detection.watch import Watch


class Kind(NamedTuple):
    """How one kind of manipulation is looked for.

    features : of its candidates, behind the numbers of agent, side or partner, first and last step.
    found : field of watch.Found in which the fast lane has them, empty where it has none.
    deep : computes them from all that is public of a symbol so far, for the deep lane; None where the fast lane does.
    scenario : the crowd in which it is trained and scored unless another one is asked for.
    pairs : whether the second number is another suspect's; otherwise there is one.
    precision : that the threshold must reach on held-out runs.
    agents : share of the agents named there who must be guilty. With any, all of an agent's candidates together must be
        surer than one must be alone.
    pause : least steps between two episodes of one suspect, 0 where every window is one of its own. With any, a candidate is one event of
        many: it is its last step that must lie in an episode, and those who were suspects together count as one.
    quiet : steps that must lie between what was told of an agent and what is new; 0 where windows that follow at once are two episodes.
    gang : times that others must have been suspects with one whom an alert names, so that it names them, too; 0 where it names no more
        than its candidate does.
    alike : families that it is taken for: half of the runs that are learned from have them beside.
    """

    features: tuple[str, ...]
    found: str = ""
    deep: Callable[[Public], Array] | None = None
    scenario: str = "surveillance"
    pairs: bool = False
    precision: float = 0.965
    agents: float = 0.0
    pause: int = 0
    quiet: int = 0
    gang: int = 0
    alike: tuple[str, ...] = ()

    def candidates(self, public: Public) -> Array:
        """All candidates (n, 4 + features) of a symbol, in the order in which they came up."""
        return self.deep(public) if self.deep else getattr(Watch().feed(public.orders), self.found)


KINDS: dict[str, Kind] = {
    "spoofing": Kind(pressure.FEATURES, "pressure", agents=0.95, quiet=2),
    "quote_stuffing": Kind(bursts.FEATURES, "bursts", precision=0.985, quiet=10),
    "wash_trading": Kind(meetings.FEATURES, "matched", pairs=True, pause=partners.PAUSE),
    "momentum_ignition": Kind(excursions.FEATURES, "excursions", precision=0.94, alike=("front_running", "pump_and_dump")),
    "pump_and_dump": Kind(promotions.FEATURES, deep=promotions.candidates, pairs=True, gang=3),
    "marking_the_close": Kind(closes.FEATURES, "closes", scenario="surveillance_days", precision=0.92, agents=0.95),
    "front_running": Kind(ahead_features.FEATURES, deep=ahead.candidates, agents=0.93, quiet=60),
    "cartel": Kind(cartels.FEATURES, deep=cartels.candidates, scenario="surveillance_deals", pairs=True),
    "sybil_reputation": Kind(circles.FEATURES, deep=circles.candidates, scenario="surveillance_deals", pairs=True, quiet=150),
}
