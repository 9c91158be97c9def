"""Promotions: runs of broadcasts in one direction by somebody who took a position in that direction before.

Pump and dump is one, or short and distort; so is the talk of an honest trader who believes in what it does. A promotion becomes a candidate
with its first broadcast and each time that their number has doubled: together with a partner who talks the same way, if there is one, and
alone, unless the two also built at the same time and claim much the same. The definitions: Regulation (EU) 596/2014, article 12(2)(d), on
voicing an opinion after having taken a position without having disclosed it; Xu and Livshits, "The anatomy of a cryptocurrency
pump-and-dump scheme", 28th USENIX Security Symposium (2019).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from pipelines.events.vocabulary import MessageKind
from spark_jobs.detection.columns import Array, Messages, Public
from spark_jobs.detection.tape import Holding, Holdings, Tape, holdings_of, tape_of

GAP = 100  # steps without a broadcast that end a run
BUILDING = 320  # steps before a run in which its position may have been built
HALF = 0.5  # of the position: from there on it is built on purpose, less may be there for another reason
RECENT = 200  # steps of the talk that a run is seen beside
SAME = math.log(2.0)  # difference of the logarithms of two claims that say the same
TOGETHER = 30  # steps between when half of what two hold was there, who then are looked at together if they say the same
_OWN_KINDS = 16  # of messages from here on, and plain ones, are their sender's own

FEATURES = (
    "messages",  # so far
    "message_rate",  # a step of the run
    "message_share",  # of all broadcasts of late
    "messages_ever",  # the sender's, a thousand steps
    "changes_of_mind",  # share of them in the other direction than the one before
    "claim_to_volume",  # mean size of what is claimed, beside what the market trades in a hundred steps
    "claim_to_others",  # beside everybody's
    "claim_to_gain",  # beside the position gained before
    "gain_to_volume",  # that position, beside what the market trades in a hundred steps
    "gain_to_trade",  # beside the lots that the sender usually trades in a hundred steps
    "build_steps",  # from when half of it was there
    "build_share",  # it beside all that was traded in these steps
    "build_active",  # net taking in these steps, beside it
    "one_sidedness",  # it beside all that the sender traded in these steps: about 2 where nothing went the other way
    "taken_since",  # net taking the way it talks since the run began, beside the gain
    "bought_since",  # lots traded the way it talks
    "sold_since",  # lots traded the other way
    "followers",  # net taking of others the way it talks since then, beside all that was traded
    "move_before",  # of the price while it built, the way it talks, in changes that are usual over ten steps
    "move_since",  # and since the run began
    "earlier_rate",  # runs of two broadcasts or more, a thousand steps
    "earlier_messages",  # mean over them
    "earlier_gain",  # mean of gain_to_volume
    "earlier_back",  # mean share of the gain that was given back by the end of the run
    "speakers",  # others who say the same of late
    "claims_apart",  # size of the partner's mean claim beside the sender's, as a logarithm beyond SAME without sign; -1 for nobody
    "built_apart",  # steps between when half of what they have was there; -1
    "begun_apart",  # steps between their first broadcasts; -1
    "partner_gain",  # the partner's gain_to_volume; -1
    "partner_messages",  # so far; -1
)
WIDTH = 4 + len(FEATURES)
"""A candidate: agent, partner or the agent itself, first step (more than half of the position was there), last step, then the features."""


@dataclass
class Run:
    """Broadcasts of one sender on one topic in one direction (1 up, -1 down).

    first, last : steps; messages, claims : number, and sum of sizes; gain : lots gained before, of which more than half were there in step
    built_from.
    """

    agent: int
    way: int
    first: int
    last: int
    built_from: int
    gain: float
    gain_to_volume: float
    messages: int = 0
    claims: float = 0.0
    due: int = 1

    @property
    def claim(self) -> float:
        """Mean size of what it claims."""
        return self.claims / self.messages


@dataclass
class Sender:
    """What is known of a sender on a topic: broadcasts, changes of direction; of runs over two broadcasts number and sums, see FEATURES."""

    messages: int = 0
    changes: int = 0
    runs: int = 0
    run_messages: float = 0.0
    run_gains: float = 0.0
    run_back: float = 0.0
    run: Run | None = None


def candidates(public: Public) -> Array:
    """All promotions (n, WIDTH) of a symbol, in the order in which they came up."""
    talk = broadcasts(public.messages)
    if not len(talk.step):
        return np.zeros((0, WIDTH))
    steps = int(max(talk.step.max(), public.orders.step.max(initial=0))) + 1
    rows = list(Listener(tape_of(public.orders, steps), holdings_of(public.orders), talk).hear())
    return np.array(rows, np.float64).reshape(-1, WIDTH)


def broadcasts(messages: Messages) -> Messages:
    """Those that say more or less to everybody, of the senders' own kinds."""
    own = (messages.kind == MessageKind.PLAIN) | (messages.kind >= _OWN_KINDS)
    rows = own & (messages.receiver == -1) & (messages.value_3 != 0)
    return Messages(*(column[rows] for column in messages))


@dataclass
class Listener:
    """Goes through the broadcasts in order; what it says of one uses nothing after its step."""

    tape: Tape
    holdings: Holdings
    talk: Messages
    senders: dict[tuple[int, int], Sender] = field(default_factory=dict)
    heard: int = 0
    claims: float = 0.0

    def hear(self) -> Iterator[list[float]]:
        """Candidates, those with a partner first."""
        columns = (self.talk.step, self.talk.sender, self.talk.topic, self.talk.value_3)
        for step, agent, topic, value in zip(*(column.tolist() for column in columns), strict=True):
            sender = self.senders.setdefault((agent, topic), Sender())
            run = self.joined(sender, agent, step, 1 if value > 0 else -1)
            run.last, run.messages, run.claims = step, run.messages + 1, run.claims + abs(value)
            sender.messages, self.heard, self.claims = sender.messages + 1, self.heard + 1, self.claims + abs(value)
            if run.messages == run.due:
                run.due *= 2
                yield from self.told(sender, run, topic, step)

    def joined(self, sender: Sender, agent: int, step: int, way: int) -> Run:
        """The run that a broadcast belongs to; it may begin a new one, and end the one before."""
        before = sender.run
        if before is not None and before.way == way and step - before.last <= GAP:
            return before
        if before is not None:
            sender.changes += before.way != way
            self.remember(sender, before, step)
        sender.run = begun(agent, way, step, self.holdings.of(agent), self.tape)
        return sender.run

    def remember(self, sender: Sender, run: Run, step: int) -> None:
        """A run is over."""
        if run.messages > 1:
            held = self.holdings.of(run.agent)
            back = -run.way * held.between(held.position, run.first, min(step, run.last + GAP))
            sender.runs += 1
            sender.run_messages += run.messages
            sender.run_gains += run.gain_to_volume
            sender.run_back += min(max(back / max(run.gain, 1.0), -1.0), 1.0)

    def told(self, sender: Sender, run: Run, topic: int, step: int) -> Iterator[list[float]]:
        """The candidates that a run is now."""
        others = [
            other.run
            for (agent, about), other in self.senders.items()
            if about == topic and agent != run.agent and other.run and other.run.way == run.way and step - other.run.last <= GAP
        ]
        alone = [*self.describe(sender, run, step), float(len(others))]
        if others:
            partner = min(others, key=lambda other: (_apart(run, other), abs(run.built_from - other.built_from), -other.last))
            beside = [
                _apart(run, partner), abs(run.built_from - partner.built_from), abs(run.first - partner.first),
                partner.gain_to_volume, partner.messages,
            ]  # fmt: skip
            yield [run.agent, partner.agent, min(run.built_from, partner.built_from), step, *alone, *beside]
            if beside[0] == 0.0 and beside[1] <= TOGETHER:
                return
        yield [run.agent, run.agent, run.built_from, step, *alone, *[-1.0] * 5]

    def describe(self, sender: Sender, run: Run, step: int) -> list[float]:
        """The features of a run by itself."""
        tape, held, steps = self.tape, self.holdings.of(run.agent), step + 1.0
        usual, gain = tape.usual_volume(step), max(run.gain, 1.0)
        building = max(float(tape.volume[run.first] - tape.volume[run.built_from]), 1.0)
        since = max(float(tape.volume[step] - tape.volume[run.first]), 1.0)
        up, down = (held.bought, held.sold) if run.way > 0 else (held.sold, held.bought)
        traded = held.between(up, run.built_from, run.first) + held.between(down, run.built_from, run.first)
        ever = 100.0 * (held.at(up, step) + held.at(down, step)) / steps
        flow = run.way * float(tape.flow[step] - tape.flow[run.first])
        taken = run.way * float(held.between(held.taken, run.first, step))
        runs = max(sender.runs, 1)
        return [
            run.messages, run.messages / (step - run.first + 1.0), run.messages / self.late(step), 1000.0 * sender.messages / steps,
            sender.changes / sender.messages, run.claim / usual, run.claim * self.heard / self.claims, run.claim / gain,
            run.gain_to_volume, run.gain / max(ever, 1.0), float(run.first - run.built_from), run.gain / building,
            run.way * held.between(held.taken, run.built_from, run.first) / gain, run.gain / max(traded, 1.0),
            taken / gain, held.between(up, run.first, step) / gain, held.between(down, run.first, step) / gain,
            (flow - taken) / since, run.way * tape.moved(run.built_from, run.first), run.way * tape.moved(run.first, step),
            1000.0 * sender.runs / steps, sender.run_messages / runs, sender.run_gains / runs, sender.run_back / runs,
        ]  # fmt: skip

    def late(self, step: int) -> float:
        """Broadcasts of late, those of everybody."""
        first = int(np.searchsorted(self.talk.step, step - RECENT, side="right"))
        return max(float(self.heard - first), 1.0)


def begun(agent: int, way: int, step: int, held: Holding, tape: Tape) -> Run:
    """A run that begins: what its sender gained before, and since when."""
    end = int(np.searchsorted(held.steps, step, side="right"))
    first = bisect_right(held.steps, step - BUILDING, 0, end)
    path = way * np.concatenate([[held.position[first - 1] if first else 0], held.position[first:end]])
    low = path.min()
    gain = float(path[-1] - low)
    begin = int(np.flatnonzero(path <= low + HALF * gain)[-1])
    built_from = int(held.steps[first + begin]) if gain > 0 else step
    return Run(agent, way, step, step, built_from, gain, gain / tape.usual_volume(step))


def _apart(run: Run, other: Run) -> float:
    return max(abs(math.log(other.claim / run.claim)) - SAME, 0.0)
