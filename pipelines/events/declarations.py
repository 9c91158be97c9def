"""The contract: one declaration per event type.

From these declarations derive the wire format (`schema`, `codec`), the bridge from the simulator (`from_simulator`),
the Spark schemas and docs/events.md. A row of any type is (run_id, world_id, seq), the simulated step, and the columns
declared here. A version only adds columns, at the end and with a default (`added`): blocks of the version before are
read with the default, and readers of the version before read the new blocks without them (`schema`, `evolution`).
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

import msgspec

from pipelines.events.columns import SEQ, STEP, Column, Encoding, added, double, integer, long, text
from pipelines.events.topics import Topic, topic


class Sequence(StrEnum):
    """Which sequence a type's `seq` counts in."""

    WORLD = "world"  # the world's own event log: gap-free over all types of this kind together
    OWN = "own"  # a sequence of this topic alone, so that no hole in the world's tells of it
    NONE = "none"  # rows carry an id of their own; seq only counts within a block


class EventType(msgspec.Struct, frozen=True):
    """One type of event.

    `columns` are the type's own; `all_columns` begins with seq and step, which every type has. Raises ValueError for a column of a
    later version without a default, and for a version that no column came with.
    """

    name: str
    version: int
    doc: str
    columns: tuple[Column, ...]
    sequence: Sequence = Sequence.WORLD

    def __post_init__(self) -> None:
        for column in self.columns:
            if column.since > 1 and column.default is None:
                raise ValueError(
                    f"column {column.name} of {self.name} came with version {column.since} and has no default; say what older events have"
                )
        newest = max(column.since for column in self.all_columns)
        if newest != self.version:
            raise ValueError(f"{self.name} is of version {self.version}, its newest column came with version {newest}; they must agree")

    def as_of(self, version: int) -> EventType:
        """The type as it was in an earlier version: without the columns that came later. ValueError if there is no such version."""
        if not 1 <= version <= self.version:
            raise ValueError(f"{self.name} has no version {version}; it has 1 to {self.version}")
        return self if version == self.version else _as_of(self, version)

    @property
    def versions(self) -> tuple[EventType, ...]:
        """The type in all its versions, this one last."""
        return tuple(self.as_of(version) for version in range(1, self.version + 1))

    @property
    def topic(self) -> Topic:
        """Where its blocks go."""
        return topic(self.name)

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """seq, step, then the type's own columns, in wire order."""
        return (SEQ, STEP, *self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; ValueError with the known names otherwise."""
        for column in self.all_columns:
            if column.name == name:
                return column
        known = ", ".join(column.name for column in self.all_columns)
        raise ValueError(f"event type {self.name} has no column {name!r}; it has {known}")


@cache
def _as_of(event: EventType, version: int) -> EventType:
    columns = tuple(column for column in event.columns if column.since <= version)
    return msgspec.structs.replace(event, version=version, columns=columns)


WORLDS = EventType(
    "worlds",
    1,
    "What integer ids of a world mean and when it began; one row per name. Never seeds or strategies.",
    (
        long("start_ns", "ns since 1970-01-01 UTC", "the run's start instant, at which step 0 begins"),
        long("step_ns", "ns", "simulated length of one step"),
        text("kind", "what is named: symbol, topic (of messages), template (a text for the messages of topic id) or agent"),
        integer("id", "id", "the integer that stands for the name in all other types"),
        text("name", "the name"),
    ),
    Sequence.OWN,
)

ORDERS = EventType(
    "orders",
    1,
    "Every change of a book in order; this type alone rebuilds the books.",
    (
        integer(
            "kind", "RecordKind", "1 accepted, 2 rejected, 3 filled, 4 cancelled, 5 modified, 6 halted, 7 resumed, 8 auction began or ended"
        ),
        integer("side", "Side", "0 buy, 1 sell: of order_id; of a fill, the side that came in; of an auction, the one with more lots"),
        integer("reason", "Reason", "why, beyond the kind; 0 none"),
        integer("time_in_force", "TimeInForce", "of an accepted order: 0 GTC, 1 IOC, 2 FOK, 3 post-only"),
        integer("symbol", "id", "whose book"),
        integer("price", "ticks", "limit; 0 of a market order; of a fill, the resting order's price", Encoding.DELTA),
        integer("size", "lots", "size of the change"),
        integer("remaining", "lots", "of order_id still open afterwards; of an auction, how many more the side had"),
        integer("owner", "agent", "of order_id"),
        integer("other_owner", "agent", "of other_id; -1 without one"),
        long("order_id", "id", "the order; of a fill, the one that rested (in an auction, reason 49, the seller's)", Encoding.DELTA),
        long("other_id", "id", "of a fill, the order that came in (in an auction the buyer's, which rested too); -1 without one"),
    ),
)

TRADES = EventType(
    "trades",
    1,
    "The tape: one row per fill, with both owners.",
    (
        integer("symbol", "id", "what was traded"),
        integer("price", "ticks", "at which it was traded", Encoding.DELTA),
        integer("size", "lots", "how much"),
        integer("buyer", "agent", "who bought"),
        integer("seller", "agent", "who sold"),
        long("buy_order_id", "id", "the buyer's order", Encoding.DELTA),
        long("sell_order_id", "id", "the seller's order", Encoding.DELTA),
        integer("aggressor", "Side", "the side that came in: 0 buy, 1 sell"),
    ),
)

TICKS = EventType(
    "ticks",
    1,
    "Top of the book and volume of a symbol after a step in which they changed.",
    (
        integer("symbol", "id", "whose book"),
        long("best_bid", "ticks", "0 if there is none", Encoding.DELTA),
        long("best_ask", "ticks", "0 if there is none", Encoding.DELTA),
        integer("last", "ticks", "price of the last trade; 0 before the first", Encoding.DELTA),
        integer("volume", "lots", "traded in the step"),
        integer("bid_size", "lots", "resting at the best bid"),
        integer("ask_size", "lots", "resting at the best ask"),
        integer("trades", "trades", "in the step"),
    ),
)

MESSAGES = EventType(
    "messages",
    1,
    "What agents tell each other, what they hear by gossip, and what becomes of their alliances.",
    (
        integer("symbol", "id", "what it is about"),
        integer("sender", "agent", "who sent it"),
        integer("receiver", "agent", "who receives it; -1: everybody"),
        integer("topic", "id", "topic of the message, whose names are on market.worlds; of kinds 2 to 6 the alliance"),
        integer(
            "kind",
            "MessageKind",
            "0 or 16 and more: the sender's own; 1 gossip; an alliance: 2 invited, 3 joined, 4 left, 5 expelled, 6 shared",
        ),
        integer("value_1", "by topic", "first value"),
        integer("value_2", "by topic", "second value"),
        long("value_3", "by topic", "third value"),
        long("value_4", "by topic", "fourth value"),
    ),
)

AGENTS = EventType(
    "agents",
    2,
    "An agent's account after a step in which it changed.",
    (
        integer("agent", "agent", "whose account"),
        integer("symbol", "id", "of the inventory"),
        long("cash", "ticks x lots", "cash after the step", Encoding.DELTA),
        integer("inventory", "lots", "signed; short is negative"),
        long("fees", "ticks x lots", "paid since the start"),
        integer("open_orders", "orders", "resting after the step"),
        added(
            2,
            0,
            integer("reputation", "millionths", "chance that it keeps its word, by the evidence so far; 0 where there is no reputation"),
        ),
        added(2, -1, integer("alliance", "id", "to which it belongs; -1 without one")),
    ),
)

NEGOTIATIONS = EventType(
    "negotiations",
    1,
    "Deals outside the book, step by step: negotiations, contracts, disputes and auctions.",
    (
        long("deal_id", "id", "which deal; one more for each that begins", Encoding.DELTA),
        integer("protocol", "Protocol", "0 bilateral, 1 English, 2 Dutch, 3 first-price, 4 second-price auction"),
        integer(
            "kind",
            "DealStep",
            "1 offered, 2 countered, 3 agreed, 4 walked away, 5 expired, 6 delivered, 7 defaulted, 8 disputed, 9 proposed, 10 settled, "
            "11 unsettled, 12 misrepresented, 13 rated, 14 opened, 15 bid, 16 called, 17 sold, 18 unsold",
        ),
        integer("symbol", "id", "what is traded"),
        integer("party", "agent", "who did it; of an end by itself, who was late"),
        integer("counterparty", "agent", "the other side, of a dispute the mediator; -1: anybody"),
        integer("side", "Side", "of party: 0 buys, 1 sells"),
        integer("price", "ticks", "on the table; 0 of a sealed bid"),
        integer("lots", "lots", "on the table"),
        integer("round", "rounds", "offers or bids so far"),
        long("amount", "by kind", "quality promised or delivered (millionths); step of delivery; stars; otherwise money in ticks x lots"),
    ),
)

INTERVENTIONS = EventType(
    "interventions",
    1,
    "What regulators and the market's own rules did to keep it in order.",
    (
        integer("kind", "InterventionKind", "1 halted, 2 resumed, 3 warned, 4 fined, 5 suspended, 6 restored"),
        integer("rule", "Rule", "0 none, 1 circuit breaker, 2 position, 3 order-to-trade ratio, 4 concentration"),
        integer("symbol", "id", "whose market"),
        integer("regulator", "agent", "who did it; -1: the market's own rules"),
        integer("agent", "agent", "whom it concerns; -1: everybody"),
        integer("observed", "by rule", "lots, orders a trade, or per cent; of a halt the price in ticks"),
        integer("allowed", "by rule", "what the rule allows; of a circuit breaker millionths"),
        long("amount", "ticks x lots", "of a fine; otherwise 0"),
        long("until", "steps", "step up to which it holds; 0 where it has no end of its own"),
    ),
)

RESOURCES = EventType(
    "resources",
    1,
    "What an agent produced, consumed, lacked and lost of a resource in a period.",
    (
        integer("agent", "agent", "who"),
        integer("symbol", "id", "of which resource"),
        integer("produced", "lots", "made in the period"),
        integer("consumed", "lots", "used up in it"),
        integer("lacked", "lots", "wanted and not there"),
        integer("perished", "lots", "lost by decay"),
        long("paid", "ticks x lots", "for production, storage and shortage; it leaves the market"),
        long("earned", "ticks x lots", "by consumption; it comes into the market"),
        integer("quality", "per cent", "of the stock afterwards"),
    ),
)

INPUTS = EventType(
    "inputs",
    1,
    "What came in from outside and when it applies; acknowledged before it is used.",
    (
        integer("applies_at", "steps", "the step at which the world acts upon it"),
        text("kind", "alert, command or message"),
        text("source", "who sent it"),
        integer("agent", "agent", "for whom; -1: the world"),
        integer("symbol", "id", "-1 without one"),
        text("payload", "JSON"),
    ),
    Sequence.OWN,
)

METRICS = EventType(
    "metrics",
    1,
    "Returns, losses, evaluation and lineage of learning agents.",
    (
        text("name", "what was measured"),
        double("value", "by name", "the figure"),
        long("update", "updates", "of the learner when it was measured"),
        integer("agent", "agent", "-1: all learners"),
        text("context", "JSON"),
    ),
    Sequence.OWN,
)

ALERTS = EventType(
    "alerts",
    1,
    "Detections. Identity is alert_id, which is the same when a detector runs again.",
    (
        text("alert_id", "deterministic id"),
        text("kind", "what was detected"),
        integer("symbol", "id", "where"),
        integer("first_step", "steps", "start of the window"),
        integer("last_step", "steps", "end of the window"),
        double("score", "by kind", "strength of the detection"),
        text("suspects", "JSON list of agent ids"),
        text("evidence", "JSON"),
    ),
    Sequence.NONE,
)

LABELS = EventType(
    "labels",
    2,
    "Ground truth that only the scoring of detectors may read.",
    (
        text("kind", "what is labelled: agent_type, role, or a family of manipulation"),
        integer("agent", "agent", "who"),
        integer("symbol", "id", "-1 without one"),
        integer("first_step", "steps", "start of the labelled window"),
        integer("last_step", "steps", "end of the labelled window; -1: open"),
        added(2, -1, long("episode", "id", "the same for all agents that take part in one; -1 without one")),  # not last: before the rule
        text("value", "the label; of an episode begun, attempted or consummated"),
    ),
    Sequence.OWN,
)

EVENT_TYPES: dict[str, EventType] = {
    event.name: event
    for event in (WORLDS, ORDERS, TRADES, TICKS, MESSAGES, NEGOTIATIONS, AGENTS, RESOURCES, INTERVENTIONS, INPUTS, METRICS, ALERTS, LABELS)
}
"""Every type by name."""


def event_type(name: str) -> EventType:
    """The event type of that name; ValueError with the known names otherwise."""
    try:
        return EVENT_TYPES[name]
    except KeyError:
        raise ValueError(f"unknown event type {name!r}; known: {', '.join(EVENT_TYPES)}") from None
