"""A deal as one document: put together from its steps when it ends, with words and names for numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipelines.events.vocabulary import DealStep, Side
from pipelines.events.words import Names, named

Row = Mapping[str, Any]
BEGINS = frozenset({DealStep.OFFERED, DealStep.OPENED})
ENDS = frozenset({DealStep.AGREED, DealStep.WALKED_AWAY, DealStep.EXPIRED, DealStep.SOLD, DealStep.UNSOLD})
DONE = frozenset({DealStep.AGREED, DealStep.SOLD})
PROPOSAL = ("seq", "step", "kind", "party", "side", "price", "lots", "amount")
"""What the document tells of each step; the sides and rounds stand above them."""
OPEN_STEPS = 200_000  # about 100 MiB


class DealKey(NamedTuple):
    """Which deal."""

    run_id: str
    world_id: int
    deal_id: int


class Ended(NamedTuple):
    """A deal that has ended; `steps` is None where not all of them were seen, so that they must be read back from the store."""

    key: DealKey
    last_seq: int
    steps: list[Row] | None


class OpenDeals:
    """The steps of deals that have begun and not ended yet.

    Parameters
    ----------
    limit : steps to keep; beyond it everything is forgotten, to be read back when it is needed.
    """

    def __init__(self, limit: int = OPEN_STEPS) -> None:
        self._limit, self._kept = limit, 0
        self._open: dict[DealKey, list[Row]] = {}

    def take(self, rows: Iterable[Row]) -> Iterator[Ended]:
        """Take steps in the order of their world and give the deals that end."""
        for row in rows:
            key = DealKey(row["run_id"], row["world_id"], row["deal_id"])
            if row["kind"] in BEGINS:
                self._open[key] = []
            self._keep(key, row)
            if row["kind"] in ENDS:
                steps = self._open.pop(key, None)
                self._kept -= len(steps or ())
                yield Ended(key, row["seq"], steps)

    def _keep(self, key: DealKey, row: Row) -> None:
        if key in self._open:
            self._open[key].append(row)
            self._kept += 1
        if self._kept > self._limit:
            self._open, self._kept = {}, 0


def negotiation(key: DealKey, steps: Sequence[Row], names: Names) -> dict[str, Any]:
    """The document of a deal that has ended: its steps from the first to the last, in order."""
    first, last = steps[0], steps[-1]
    done = last["kind"] in DONE
    buys = last["side"] == Side.BUY
    buyer, seller = (last["party"], last["counterparty"]) if buys else (last["counterparty"], last["party"])
    ids = list(dict.fromkeys(number for row in steps for number in (row["party"], row["counterparty"]) if number >= 0))
    told = [named("negotiations", dict(row), names) for row in steps]

    def name(agent: int) -> Any:
        return names.name(key.run_id, key.world_id, "agent", agent) or agent

    return {
        "_id": f"{key.run_id}/{key.world_id}/{key.deal_id}",
        **key._asdict(),
        "protocol": told[0]["protocol"],
        "symbol": told[0]["symbol"],
        "outcome": told[-1]["kind"],
        "agents": ids,
        "buyer": name(buyer) if done else None,
        "seller": name(seller) if done else None,
        "price": last["price"] if done else None,
        "lots": last["lots"] if done else None,
        "rounds": max(row["round"] for row in steps),
        "first_step": first["step"],
        "last_step": last["step"],
        "first_seq": first["seq"],
        "last_seq": last["seq"],
        "proposals": [{column: row[column] for column in PROPOSAL} for row in told],
    }
