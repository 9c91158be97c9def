"""Honest traders whose orders look a little like manipulation: every order is meant to trade, and nobody is deceived."""

from __future__ import annotations

from simulator.traders.momentum import SENTIMENT
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, EVERYBODY, SELL, Commands, cancel, message, modify, place_limit, place_market
from simulator.world.draws import normal, randint, uniform
from simulator.world.view import View, mean_mid, mid, mid_ago
from tests.spark_jobs.outsiders.outsider import clear, price, resting, toss, tradeable

AT, SIDE, LEFT, HELD, UNTIL, SIZE, SEEN = range(7)


class Honest(Trader):
    """Acts where trading is continuous."""

    memory_words = 8

    def __init__(self) -> None:
        """Configure nothing: all is drawn when it is needed."""
        super().__init__(())

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step."""
        if tradeable(view):
            self.trade(view, commands)

    def trade(self, view: View, commands: Commands) -> None:
        """Decide a step of continuous trading."""
        raise NotImplementedError


class ShyMaker(Honest):
    """Quotes both sides in some size, and after a fill withdraws the side that was hit for a while: the other side stays alone."""

    def trade(self, view: View, commands: Commands) -> None:
        """Notice fills, withdraw, and quote again."""
        if uniform(view) > 0.5:
            return
        filled = int(view.inventory - view.memory[SEEN])
        view.memory[SEEN] = view.inventory
        if filled != 0:
            side = BUY if filled > 0 else SELL
            view.memory[SIDE], view.memory[UNTIL] = side, view.step + randint(view, 5, 40)
            for order in resting(view, side):
                cancel(commands, order.order_id)
        for side in (BUY, SELL):
            away = view.step < view.memory[UNTIL] and view.memory[SIDE] == side
            heavy = view.inventory > 30 if side == BUY else view.inventory < -30
            mine = resting(view, side)
            wanted = price(view, side, 0 if heavy == (side == SELL) else 1)
            if mine and abs(mine[0].price - wanted) > 2 * view.tick_size:
                cancel(commands, mine[0].order_id)
            elif not mine and not away and not heavy:
                place_limit(commands, side, wanted, randint(view, 8, 20))


class Repricer(Honest):
    """Works one large visible order by keeping it at the touch: it is moved whenever the touch moves, until it is filled."""

    def trade(self, view: View, commands: Commands) -> None:
        """Begin, follow, or rest."""
        if view.memory[AT] == 0:
            if uniform(view) < 0.002:
                view.memory[AT], view.memory[SIDE] = 1, toss(view)
                place_limit(commands, int(view.memory[SIDE]), price(view, int(view.memory[SIDE]), 0), randint(view, 30, 70))
        elif view.open_orders == 0:
            view.memory[AT] = 0
        else:
            order, side = view.orders[0], int(view.memory[SIDE])
            if order.price != price(view, side, 0) and uniform(view) < 0.7:
                modify(commands, order.order_id, price(view, side, -1 if uniform(view) < 0.2 else 0), order.size)


class VolumeWeighted(Honest):
    """Buys or sells all day in proportion to the usual volume, which is highest at the end of the day."""

    DAY = 1000

    def trade(self, view: View, commands: Commands) -> None:
        """Trade what is due."""
        now = view.step % self.DAY
        if now < 2 or view.memory[SIZE] == 0:
            view.memory[SIDE], view.memory[SIZE] = toss(view), randint(view, 40, 140)
            view.memory[LEFT] = view.memory[SIZE]
        done = now / self.DAY
        due = view.memory[SIZE] * (0.6 * done + 0.4 * done**8)
        behind = int(due - (view.memory[SIZE] - view.memory[LEFT]))
        if behind >= 2 and uniform(view) < 0.2:
            lots = min(behind, 6)
            place_market(commands, int(view.memory[SIDE]), lots)
            view.memory[LEFT] -= lots


class StopLoss(Honest):
    """Follows a breakout by some market orders at once, and turns out of it as fast when its stop is reached."""

    def trade(self, view: View, commands: Commands) -> None:
        """Enter, hold, or go out."""
        memory, now = view.memory, mid(view)
        if memory[AT] == 0:
            rise = now - mid_ago(view, 40)
            if abs(rise) > 6 and uniform(view) < 0.02 and view.step > 60:
                memory[AT], memory[SIDE], memory[LEFT], memory[HELD] = 1, (BUY if rise > 0 else SELL), randint(view, 15, 45), now
        elif memory[LEFT] > 0 and memory[AT] == 1:
            lots = min(int(memory[LEFT]), randint(view, 4, 12))
            place_market(commands, int(memory[SIDE]), lots)
            memory[LEFT] -= lots
        else:
            memory[AT] += 1
            sign = 1 if memory[SIDE] == BUY else -1
            gain = (now - memory[HELD]) * sign
            if gain > 0:
                memory[HELD] += 0.05 * (now - memory[HELD])  # the stop follows
            if gain < -4 or memory[AT] > 300:
                left = abs(int(view.inventory))
                if left == 0:
                    memory[AT] = 0
                else:
                    place_market(commands, SELL if view.inventory > 0 else BUY, min(left, 15))


class Hedger(Honest):
    """Holds the opposite of a position elsewhere, which moves by jumps: each jump is followed at once by market orders, whichever way."""

    def trade(self, view: View, commands: Commands) -> None:
        """Let the other position move, and hedge it."""
        if uniform(view) < 0.006:
            view.memory[LEFT] = 0.7 * view.memory[LEFT] + 25 * normal(view)
        gap = int(-view.memory[LEFT] - view.inventory)
        if abs(gap) >= 5:
            place_market(commands, BUY if gap > 0 else SELL, min(abs(gap), 12))


class Enthusiast(Honest):
    """Writes to everybody what it thinks, often, and buys what it praises; it sells after it has changed its mind and said so."""

    def trade(self, view: View, commands: Commands) -> None:
        """Form an opinion, say it, and trade on it."""
        if view.step % 200 == view.agent % 200 and view.step > 255:
            view.memory[SIDE] = 1 if mid(view) > mean_mid(view, 250) else -1
            view.memory[UNTIL] = view.step + 60
        if view.step < view.memory[UNTIL] and uniform(view) < 0.2:
            message(commands, EVERYBODY, SENTIMENT, int(view.memory[SIDE]) * randint(view, 10, 60))
        gap = int(30 * view.memory[SIDE] - view.inventory)
        if abs(gap) > 3 and uniform(view) < 0.06:
            place_market(commands, BUY if gap > 0 else SELL, min(abs(gap), randint(view, 2, 8)))


class Shopkeeper(Honest):
    """Every second one stands at both touches with much, the others come to trade on a schedule: the same meet again and again."""

    def trade(self, view: View, commands: Commands) -> None:
        """Stand there, or come."""
        if view.member % 2 == 0:
            for side in (BUY, SELL):
                mine = resting(view, side)
                if not mine:
                    place_limit(commands, side, price(view, side, 0), randint(view, 15, 30))
                elif abs(mine[0].price - price(view, side, 0)) > view.tick_size:
                    cancel(commands, mine[0].order_id)
        elif view.step % 12 == view.agent % 12 and uniform(view) < 0.6:
            place_market(commands, toss(view) if abs(view.inventory) > 15 else BUY if view.step // 12 % 2 else SELL, 5)


class Iceberg(Honest):
    """Sells or buys a large order of which it shows a few lots at a time, each new when the last is gone."""

    def trade(self, view: View, commands: Commands) -> None:
        """Show the next slice."""
        memory = view.memory
        if memory[LEFT] <= 0 and view.open_orders == 0:
            if uniform(view) < 0.003:
                memory[LEFT], memory[SIDE], memory[SIZE] = randint(view, 40, 120), toss(view), randint(view, 3, 8)
        elif view.open_orders == 0:
            lots = min(int(memory[LEFT]), int(memory[SIZE]))
            place_limit(commands, int(memory[SIDE]), price(view, int(memory[SIDE]), 0), lots)
            memory[LEFT] -= lots
        elif abs(view.orders[0].price - price(view, int(memory[SIDE]), 0)) > 3 * view.tick_size and uniform(view) < 0.1:
            memory[LEFT] += view.orders[0].size
            clear(view, commands)


HONEST = (ShyMaker, Repricer, VolumeWeighted, StopLoss, Hedger, Enthusiast, Shopkeeper, Iceberg)
