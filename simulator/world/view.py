"""What a trader sees: the public state of its symbol at the start of the step, and everything of its own.

`View` is the Python form; compiled traders get the same attributes without a copy (view_type). The functions on a view and the
draws of chance are in here or imported here, so that a strategy needs this module and `commands` only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.world.jit import both_ways
from simulator.world.layout import HISTORY, MARKET, MEMORY, OPEN_ORDER, OWN, PARAMETERS, Array, Row
from simulator.world.party_rows import ALLIANCE, DEAL, LETTER, LETTERS, MECHANISMS, PARTNERS, PARTY, PUBLIC, TRUST

_LAST_STEP = HISTORY - 1
_OWN_FIELDS, _PARTY_FIELDS = OWN.names or (), PARTY.names or ()
_FIELDS = sorted((*_OWN_FIELDS, *(MARKET.names or ()), *_PARTY_FIELDS))


class OpenOrder(NamedTuple):
    """One resting order of the agent; size is what is still open."""

    order_id: int
    price: int
    size: int
    side: int


class OpenOrders(Sequence[OpenOrder]):
    """The resting orders of the agent, oldest first. (Rows of a record array would answer `.size` with their own element count.)"""

    __slots__ = ("rows",)

    def __init__(self, rows: Array) -> None:
        """Look at rows of OPEN_ORDER without copying."""
        self.rows = rows

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.rows)

    def __getitem__(self, row: Any) -> Any:
        """Return the order of a row, or the list of a slice."""
        if isinstance(row, slice):
            return [OpenOrder(*order) for order in self.rows[row].tolist()]
        return OpenOrder(*self.rows[row].item())


class Around(NamedTuple):
    """The tables around an agent, in which `public_of`, `letter_of`, `deal_of` and their like look things up."""

    agents: Array  # (agents,) OWN
    markets: Array  # (symbols,) MARKET
    parties: Array  # (agents,) PARTY
    publics: Array  # (agents,) PUBLIC
    letters: Array  # (agents x 8,) LETTER
    trust: Array  # (agents x 8,) TRUST
    deals: Array  # (n,) DEAL
    alliances: Array  # (n,) ALLIANCE
    mechanisms: Array  # (1,) MECHANISMS


class View:
    """The public state of one symbol and the own state of one agent.

    `market` is a row of MARKET, `own` a row of OWN, `party` a row of PARTY, `orders` (open_orders,) OPEN_ORDER, oldest first: read
    `view.orders[i].order_id`, `.price`, `.size`, `.side`. `memory` (16,) float64 is the trader's to write and survives snapshots;
    `parameters` (16,) float64 is its configuration. Everything is valid during the decision only.
    """

    __slots__ = ("around", "market", "orders", "own", "party")

    def __init__(self, market: Row, own: Row, orders: Array, around: Around) -> None:
        """Look at a row of MARKET, a row of OWN, its resting orders and the tables around it, without copying."""
        self.market, self.own, self.orders, self.around = market, own, OpenOrders(orders), around
        self.party = around.parties[own["agent"]]

    def __getattr__(self, name: str) -> Any:
        """Return a field of the agent, its business or its symbol as a Python number, or an array of them."""
        for row in (self.own, self.market, self.party):
            if name in row.dtype.fields:
                value = row[name]
                return value if isinstance(value, np.ndarray) else value.item()
        raise AttributeError(f"a view has no {name}; it has {_FIELDS}")

    @property
    def random(self) -> int:
        """The state of the agent's own stream; draw with `uniform`, `randint`, `normal`."""
        return int(self.own["random"])

    @random.setter
    def random(self, state: int) -> None:
        self.own["random"] = state


@both_ways
def mid(view: Any) -> float:
    """Return the middle between best bid and best ask in ticks (halves occur); the last known one while a side is empty."""
    return view.mid_twice * 0.5  # type: ignore[no-any-return]


@both_ways
def mid_ago(view: Any, steps: int) -> float:
    """Return the mid of `steps` steps ago (0: this one), at most 255; before the market began, the initial price."""
    return view.mids_twice[(view.step - steps) & _LAST_STEP] * 0.5  # type: ignore[no-any-return]


@both_ways
def mean_mid(view: Any, steps: int) -> float:
    """Return the mean mid of the last `steps` steps, this one included, in ticks; 1..255, at the same cost for any number."""
    now = view.mid_sums[view.step & _LAST_STEP]
    return (now - view.mid_sums[(view.step - steps) & _LAST_STEP]) / (2.0 * steps)  # type: ignore[no-any-return]


@both_ways
def last_ago(view: Any, steps: int) -> int:
    """Return the last trade's price as of `steps` steps ago (0: now), at most 255; before the market began, the initial price."""
    return view.lasts[(view.step - steps) & _LAST_STEP]  # type: ignore[no-any-return]


def example_view(
    prices: list[int] | None = None,
    parameters: tuple[float, ...] = (),
    orders: list[tuple[int, int, int, int]] | None = None,
    seed: int = 1,
    **fields: float,
) -> View:
    """Return a view for examples and tests.

    prices : mids in ticks, oldest first; the last is now, and the best bid and ask lie one tick around it.
    parameters : the trader's configuration; memory begins as zeros.
    orders : the agent's resting orders as (order_id, price, size, side).
    fields : any other field of MARKET, OWN or PARTY, e.g. `inventory=5`, `signal=101.0`, `best_ask=0`.

    Raises ValueError for a field that does not exist.
    """
    prices, orders = prices or [100], orders or []
    market, own, open_orders = np.zeros(1, MARKET), np.zeros(1, OWN), np.zeros(len(orders), OPEN_ORDER)
    around = example_tables(market)
    _fill_market(market, prices)
    own["random"], own["parameters"][0, : len(parameters)] = seed, parameters
    own["cash"], own["position_limit"], own["short_limit"], own["order_limit"] = 10_000_000, 1000, 1000, 64
    own["message_sender"] = own["alliance"] = own["partner"] = -1
    for row, order in enumerate(orders):
        open_orders[row] = order
    own["open_orders"], own["orders_address"] = len(orders), open_orders.ctypes.data
    for name, value in fields.items():
        if name not in _FIELDS:
            raise ValueError(f"a view has no field {name}; choose one of {_FIELDS}")
        (own if name in _OWN_FIELDS else around.parties[:1] if name in _PARTY_FIELDS else market)[name] = value
    return View(market[0], own[0], open_orders, around)


def example_tables(market: Array, agents: int = 10) -> Around:
    """Return tables in which nothing has happened yet, for views of examples and tests."""
    tables = Around(
        np.zeros(agents, OWN), market, np.zeros(agents, PARTY), np.zeros(agents, PUBLIC), np.zeros(agents * LETTERS, LETTER),
        np.zeros(agents * PARTNERS, TRUST), np.zeros(agents, DEAL), np.zeros(1, ALLIANCE), np.zeros(1, MECHANISMS),
    )  # fmt: skip
    tables.parties["invited"] = tables.publics["allied"] = tables.trust["partner"] = tables.deals["id"] = -1
    return tables


def begin_history(market: Array, row: int, price: int) -> None:
    """Let a symbol look as if its price had always stood still."""
    market["last"][row], market["mid_twice"][row] = price, 2 * price
    market["mids_twice"][row], market["lasts"][row] = 2 * price, price
    market["mid_sums"][row] = np.arange(-HISTORY, 0) * 2 * price
    market["mid_sums"][row, 0] = 0


def _fill_market(market: Array, prices: list[int]) -> None:
    begin_history(market, 0, prices[0])
    market["broadcast_sender"], market["tick_size"], market["lot_size"], market["agents"] = -1, 1, 1, 10
    market["newest_auction"] = -1
    for step, price in enumerate(prices[-HISTORY:]):
        at = step & _LAST_STEP
        before = market["mid_sums"][0, (step - 1) & _LAST_STEP]
        market["mids_twice"][0, at], market["lasts"][0, at] = 2 * price, price
        market["mid_sums"][0, at], market["step"] = before + 2 * price, step
    market["best_bid"], market["best_ask"] = prices[-1] - 1, prices[-1] + 1
    market["bid_size"] = market["ask_size"] = 10
    market["last"], market["mid_twice"] = prices[-1], 2 * prices[-1]


__all__ = [
    "HISTORY",
    "MEMORY",
    "Around",
    "PARAMETERS",
    "OpenOrder",
    "OpenOrders",
    "View",
    "begin_history",
    "example_view",
    "last_ago",
    "mean_mid",
    "mid",
    "mid_ago",
]
