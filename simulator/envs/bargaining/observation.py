"""What a party sees: five numbers of the plain game, or all that it knows, each of order one. One function for all batch sizes."""

from __future__ import annotations

from math import sqrt
from typing import Any

from simulator.bargaining.protocol import RECENT
from simulator.matching.compiled import compiled, inlined

PLAIN = ("current_offer", "round", "time_left", "mean_of_last_three", "offers")
"""In money, rounds, a share, money, offers; 0 where there is nothing yet."""

RICH = (
    "role",  # -1 supplier, 1 retailer
    "my_turn",
    "value",  # its own, over the highest price, like all money here
    "current_price",  # -1 without one
    "gain",  # that the standing offer would leave it
    "last_offer",  # its own, -1 before the first
    "newest",  # of all offers, -1 before the first; the next two are those before it
    "newest_1",
    "newest_2",
    "round",  # share of the offers used up
    "time_left",
    "estimated_opponent_reservation",
    "doubt",  # deviation of that estimate
    "deal_zone",  # distance of the standing price from its own walk-away price
    "momentum",  # by how much the newest offer lies above the one before
)


@compiled
def observe_plain(games: Any, rows: Any, observations: Any) -> None:
    """Write (n, 2, 5) float32: both parties see the same."""
    game = games[0]
    for place in range(len(rows)):
        row = rows[place]
        seen, total = min(row.made, RECENT), 0.0
        for back in range(seen):
            total += row.recent[back]
        for party in range(2):
            observations[place, party, 0] = row.price if row.made > 0 else 0.0
            observations[place, party, 1] = row.offers
            observations[place, party, 2] = 1.0 - row.offers / game.offers
            observations[place, party, 3] = total / seen if seen > 0 else 0.0
            observations[place, party, 4] = row.made


@inlined
def nth_newest(row: Any, back: int, unit: float) -> float:
    """Return one of the last offers over the highest price, -1 before it was made."""
    return row.recent[(row.made - 1 - back) % RECENT] * unit if row.made > back else -1.0


@compiled
def observe_rich(games: Any, rows: Any, observations: Any) -> None:
    """Write (n, 2, 15) float32, RICH."""
    game = games[0]
    unit = 1.0 / game.high
    for place in range(len(rows)):
        row = rows[place]
        for party in range(2):
            seen, value = observations[place, party], row.value[party]
            gain = (row.price - value if party == 0 else value - row.price) * unit
            seen[0] = -1.0 if party == 0 else 1.0
            seen[1] = 1.0 if row.turn == party and row.outcome == 0 else 0.0
            seen[2] = value * unit
            seen[3] = row.price * unit if row.standing >= 0 else -1.0
            seen[4] = gain if row.standing >= 0 else 0.0
            seen[5] = row.before[party] * unit if row.before[party] > 0.0 else -1.0
            for back in range(RECENT):
                seen[6 + back] = nth_newest(row, back, unit)
            seen[9] = row.offers / game.offers
            seen[10] = 1.0 - seen[9]
            seen[11] = row.belief[party] * unit
            seen[12] = sqrt(row.doubt[party]) * unit
            seen[13] = abs(row.price - value) * unit if row.standing >= 0 else 0.0
            seen[14] = nth_newest(row, 0, unit) - nth_newest(row, 1, unit) if row.made > 1 else 0.0
