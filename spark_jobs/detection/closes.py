"""What agents do at the close of trading days: what they took before the closing auction and entered in it, beside what is usual.

As a closing auction (see day) has traded, everybody who mostly went one way at the close, or ahead of its auction, is a candidate. Clients
trade at the close every day, too; who marks it takes more than the market bears, gains from the price by a position, and works off in the
auction or on the next day what that took.
The measures: Comerton-Forde and Putnins, "Measuring closing price manipulation", Journal of Financial Intermediation 20 (2011): the return
at the end of the day, its reversal on the next one, the share of trading at the end; annex II to Delegated Regulation (EU) 2016/522 on
orders near the close that represent a significant volume.
"""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.book import ASK, BID
from spark_jobs.detection.columns import Array, Row
from spark_jobs.detection.compiled import part
from spark_jobs.detection.day import WINDOW, on_volume

LEAST_LOTS = 4.0  # one way at the close, more than the other way; or before its auction
_SHORT = 10.0  # as day.WINDOW, of what was taken at the very last
_MOST = 50.0  # no ratio to what is usual is larger

CLOSER = np.dtype(
    [
        ("step", "f8"), ("taken", "f8", (2,)), ("last_taken", "f8", (2,)), ("cost", "f8", (2,)), ("rested", "f8", (2,)),
        ("acted", "f8", (2,)), ("net", "f8"), ("lots", "f8"), ("active", "f8"), ("opened_with", "f8"), ("before", "f8"),
        ("call", "f8"), ("entered", "f8", (2,)), ("entered_at", "f8", (2,)), ("withdrawn", "f8", (2,)), ("auction", "f8", (2,)),
        ("closes", "f8"), ("usual", "f8"), ("same", "f8"), ("at_closes", "f8"), ("turned_sum", "f8"), ("kept_sum", "f8"),
        ("last_way", "f8"), ("last_lots", "f8"), ("last_close", "f8"), ("net_then", "f8"), ("turned", "f8"),
    ],
    align=True,
)  # fmt: skip
"""An agent; by side where there are two.

Of late, as of `step`: lots taken, taken at the very last, x ticks beyond the mid that it paid, and traded by resting; the step of its last
order. Ever: net lots, lots traded, lots taken; net lots as the day began and before its close. In the call that began in step `call`: lots
entered, x step, withdrawn, traded. Of earlier closes: how many, their mean lots, how many on the side of the one before, lots of all, and
sums of the shares turned round and kept until the next one. Of the last one: its way (1 or -1), lots, number, the net lots after it, and
the largest share of its lots turned round since."""

FEATURES = (
    "to_touch",  # lots one way at the close, beside what is usual at the touch
    "to_depth",  # and beside those within ten ticks of it
    "market_share",  # of what everybody traded at the close
    "one_sidedness",  # 1: nothing the other way
    "taken_share",  # of the lots at the close, those taken before the call
    "rested_share",  # those traded before the call by resting, beside them
    "suddenness",  # share of the taking at the very last
    "cost",  # mean ticks beyond the mid that the taking paid, in usual spreads
    "entered_to_touch",  # entered in the call that way
    "entered_share",  # of all that was entered in the call
    "lateness",  # when it entered that: 0 the call's begin, 1 its end; -1 nothing
    "withdrawn_share",  # of it
    "move_before",  # of the mid up to the call, that way, in usual spreads
    "move_in_call",  # from there to the auction's price
    "rate_to_own",  # taking before the call beside its usual taking
    "own_share",  # of all that it traded ever, what it traded at this close
    "position",  # net lots that way before, beside those at the close
    "built",  # those of them from the same day
    "earlier_rate",  # share of the days with a close of its own
    "earlier_lots",  # mean lots at them, beside what is usual at the touch
    "size_to_own",  # beside them
    "earlier_same_side",  # share of them on the side of the one before
    "earlier_share",  # of what it traded ever, at closes
    "earlier_turned",  # mean largest share turned round until the next close
    "earlier_kept",  # mean share kept until then
    "last_turned",  # of the last one
    "days_since",  # closes since its last one
)
WIDTH = 4 + len(FEATURES)
"""A candidate: agent, side, step of its last order, step in which the auction traded, then the features."""


@part
def on_taken(closers: Array, day: Row, now: Row, owner: int, other: int, side: int, price: int, lots: int) -> None:
    """In continuous trading an owner's order was taken by one of another agent that came in on a side."""
    way = 1.0 if side == BID else -1.0
    on_volume(day, now.step, lots)
    rests, takes = closers[owner], closers[other]
    for trader in (rests, takes):
        fade(trader, now.step)
        turn(trader)
        trader.lots += lots
    rests.net -= way * lots
    rests.rested[1 - side] += lots
    takes.net += way * lots
    takes.active += lots
    takes.taken[side] += lots
    takes.last_taken[side] += lots
    takes.cost[side] += lots * way * (price - now.mid)
    takes.acted[side] = now.step


@part
def on_auctioned(closers: Array, day: Row, now: Row, seller: int, buyer: int, lots: int, found: Array, count: int) -> int:
    """A call auction traded; the last lots of a closing one make candidates. Returns how many there are then."""
    for side, agent in ((BID, buyer), (ASK, seller)):
        trader = closers[agent]
        join(trader, day)
        trader.net += lots if side == BID else -lots
        trader.lots += lots
        trader.auction[side] += lots
    day.left -= lots
    return on_close(closers, day, now, found, count) if day.left <= 0.0 and day.closing != 0.0 else count


@part
def fade(trader: Row, step: float) -> None:
    """Let what an agent traded of late fade up to a step."""
    if step > trader.step:
        slow, fast = np.exp((trader.step - step) / WINDOW), np.exp((trader.step - step) / _SHORT)
        for side in range(2):
            trader.taken[side] *= slow
            trader.cost[side] *= slow
            trader.rested[side] *= slow
            trader.last_taken[side] *= fast
        trader.step = step


@part
def settled(trader: Row) -> float:
    """Net lots of an agent without what it traded of late."""
    late = trader.taken[BID] + trader.rested[BID] - trader.taken[ASK] - trader.rested[ASK]
    return float(trader.net - late)


@part
def turn(trader: Row) -> None:
    """See how much of the last close is turned round."""
    if trader.last_lots > 0.0:
        turned = trader.last_way * (trader.net_then - settled(trader)) / trader.last_lots
        trader.turned = min(max(trader.turned, turned), 1.0)


@part
def join(trader: Row, day: Row) -> None:
    """Begin an agent's account of the call, unless it has one."""
    if trader.call != day.began:
        trader.call = day.began
        for side in range(2):
            trader.entered[side] = trader.entered_at[side] = trader.withdrawn[side] = trader.auction[side] = 0.0


@part
def on_entry(trader: Row, day: Row, now: Row, side: int, lots: int) -> None:
    """An agent entered an order in a call."""
    join(trader, day)
    trader.entered[side] += lots
    trader.entered_at[side] += lots * now.step
    trader.acted[side] = now.step
    day.entered += lots


@part
def on_exit(trader: Row, day: Row, side: int, lots: int) -> None:
    """An order of an agent left the book in a call."""
    join(trader, day)
    trader.withdrawn[side] += lots


@part
def on_close(closers: Array, day: Row, now: Row, found: Array, count: int) -> int:
    """The closing auction has traded: write a candidate for everybody who mostly went one way; returns how many there are then."""
    day.closes += 1.0
    for agent in range(len(closers)):
        trader = closers[agent]
        join(trader, day)
        fade(trader, day.began)
        trader.net -= trader.auction[BID] - trader.auction[ASK]
        turn(trader)
        trader.before = settled(trader)
        trader.net += trader.auction[BID] - trader.auction[ASK]
        more = trader.taken[BID] + trader.auction[BID] - trader.taken[ASK] - trader.auction[ASK]
        if abs(more) < LEAST_LOTS:
            more = trader.taken[BID] - trader.taken[ASK]  # the auction may be where it gets out again
        if abs(more) >= LEAST_LOTS and count < len(found):
            side = BID if more > 0 else ASK
            describe(trader, day, now, side, found[count])
            found[count, 0], found[count, 1], found[count, 2], found[count, 3] = agent, side, trader.acted[side], now.step
            remember(trader, day, 1.0 if side == BID else -1.0, trader.taken[side] + trader.auction[side])
            count += 1
        trader.opened_with = trader.net
    return count


@part
def describe(trader: Row, day: Row, now: Row, side: int, row: Row) -> None:
    """Write the features of an agent's close behind the first four numbers of a row."""
    way, against = (1.0 if side == BID else -1.0), 1 - side
    taken, entered = trader.taken[side], trader.entered[side]
    lots, closes = taken + trader.auction[side], max(trader.closes, 1.0)
    touch, depth = 0.5 * (now.size[0] + now.size[1]) + 1.0, 0.5 * (now.depth[0] + now.depth[1]) + 1.0
    row[4] = lots / touch
    row[5] = lots / depth
    row[6] = lots / (day.volume + day.auction + 1.0)
    row[7] = 1.0 - (trader.taken[against] + trader.auction[against]) / lots
    row[8] = taken / lots
    row[9] = (trader.rested[side] - trader.rested[against]) / lots
    row[10] = trader.last_taken[side] / max(taken, 1.0)
    row[11] = trader.cost[side] / max(taken, 1.0) / now.spread
    row[12] = entered / touch
    row[13] = entered / max(day.entered, 1.0)
    row[14] = (trader.entered_at[side] / entered - day.began) / (now.step - day.began) if entered > 0.0 else -1.0
    row[15] = min(trader.withdrawn[side] / max(entered, 1.0), 1.0)
    row[16] = way * day.move / now.spread
    row[17] = way * (day.price - day.mid) / now.spread
    row[18] = min(taken / WINDOW / max(trader.active / (now.step + 1.0), 1e-9), _MOST)
    row[19] = lots / trader.lots
    row[20] = way * trader.before / lots
    row[21] = way * (trader.before - trader.opened_with) / lots
    row[22] = trader.closes / day.closes
    row[23] = trader.usual / touch
    row[24] = min(lots / max(trader.usual, 1.0), _MOST)
    row[25] = trader.same / max(closes - 1.0, 1.0)
    row[26] = trader.at_closes / trader.lots
    row[27] = (trader.turned_sum + trader.turned) / closes
    row[28] = (trader.kept_sum + kept(trader)) / closes
    row[29] = trader.turned
    row[30] = day.closes - trader.last_close if trader.last_lots > 0.0 else _MOST


@part
def kept(trader: Row) -> float:
    """Share of what an agent traded at its last close that it had before this one, between -1 and 1."""
    if trader.last_lots <= 0.0:
        return 0.0
    has = 1.0 + trader.last_way * (trader.before - trader.net_then) / trader.last_lots
    return float(min(max(has, -1.0), 1.0))


@part
def remember(trader: Row, day: Row, way: float, lots: float) -> None:
    """Let this close be an earlier one."""
    trader.turned_sum += trader.turned
    trader.kept_sum += kept(trader)
    trader.same += 1.0 if way == trader.last_way else 0.0
    trader.closes += 1.0
    trader.usual += (lots - trader.usual) / trader.closes
    trader.at_closes += lots
    trader.last_way, trader.last_lots, trader.last_close, trader.net_then, trader.turned = way, lots, day.closes, trader.net, 0.0
