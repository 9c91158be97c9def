"""Four ways to spoof: ping-pong, distant layers behind an iceberg, flips through the own orders, walls that do trade."""

from __future__ import annotations

from simulator.world.commands import BUY, IOC, Commands, cancel, modify, place_limit
from simulator.world.draws import randint, uniform
from simulator.world.view import View, mid
from tests.spark_jobs.outsiders.outsider import AT, FREE, Outsider, price, resting, toss, unwind

SIDE, HELD, UNTIL, LEFT, SHOWN, PHASE = range(FREE, FREE + 6)


class PingPong(Outsider):
    """A small order, successively larger ones against it until it is filled, and then the reverse.

    Source: CFTC v. Panther Energy Trading and Coscia (2013); FCA final notice of the same day, on their sizes.
    """

    family = "spoofing"

    def begin(self, view: View, commands: Commands) -> None:
        """Begin with the ping."""
        view.memory[PHASE] = 0
        self._small(view, commands, toss(view), randint(view, 2, 8))

    def _small(self, view: View, commands: Commands, side: int, lots: int) -> None:
        view.memory[SIDE], view.memory[HELD], view.memory[LEFT] = side, view.inventory, lots
        view.memory[UNTIL] = view.memory[AT] + randint(view, 5, 14)
        view.memory[SHOWN] = 0
        place_limit(commands, side, price(view, side, -1 if uniform(view) < 0.6 else 0), lots)

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Add to the large side, or let it vanish and turn round."""
        side = int(view.memory[SIDE])
        filled = abs(view.inventory - view.memory[HELD]) >= view.memory[LEFT]
        if not filled and at < view.memory[UNTIL]:
            if view.memory[SHOWN] < 4 and uniform(view) < 0.7:
                shown = int(view.memory[SHOWN])
                place_limit(
                    commands, 1 - side, price(view, 1 - side, 3 - shown if shown < 3 else 1), randint(view, 14, 22) * (shown + 2) // 2
                )
                view.memory[SHOWN] += 1
            return
        for order in resting(view, 1 - side):
            cancel(commands, order.order_id)
        if view.memory[PHASE] == 0 and filled:
            view.memory[PHASE] = 1
            self._small(view, commands, 1 - side, int(view.memory[LEFT]))
        else:
            self.end(view, commands, filled)


class Facade(Outsider):
    """Four to six orders some levels away that move with the market for up to a minute, while an iceberg trades on the other side.

    Source: CFTC v. Nav Sarao Futures (2015): orders kept at least three levels from the best offer and modified whenever it moved.
    """

    family = "spoofing"
    RATE = 0.0012

    def begin(self, view: View, commands: Commands) -> None:
        """Put all layers up at once."""
        side = toss(view)
        view.memory[SIDE], view.memory[HELD], view.memory[LEFT] = side, view.inventory, randint(view, 20, 60)
        view.memory[UNTIL], view.memory[SHOWN], view.memory[PHASE] = randint(view, 150, 600), randint(view, 3, 6), randint(view, 3, 5)
        for level in range(randint(view, 4, 7)):
            place_limit(commands, 1 - side, price(view, 1 - side, int(view.memory[PHASE]) + level), randint(view, 13, 22))

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Keep the layers where they are out of reach, and show the next slice of what shall trade."""
        side, first = int(view.memory[SIDE]), int(view.memory[PHASE])
        done = abs(int(view.inventory - view.memory[HELD]))
        if done >= view.memory[LEFT] or at > view.memory[UNTIL]:
            self.end(view, commands, done * 2 >= view.memory[LEFT])
            return
        layers = sorted(resting(view, 1 - side), key=lambda order: abs(order.price - mid(view)))
        wanted = price(view, 1 - side, first)
        if layers and abs(layers[0].price - wanted) >= 2 * view.tick_size:
            for level, order in enumerate(layers):
                modify(commands, order.order_id, price(view, 1 - side, first + level), order.size)
        elif layers and uniform(view) < 0.1:
            order = layers[randint(view, 0, len(layers))]
            modify(commands, order.order_id, order.price, order.size + (1 if uniform(view) < 0.5 else -1))
        slices = resting(view, side)
        if not slices:
            place_limit(commands, side, price(view, side, 0), min(int(view.memory[SHOWN]), int(view.memory[LEFT]) - done))
        elif abs(slices[0].price - price(view, side, 0)) > view.tick_size and uniform(view) < 0.3:
            cancel(commands, slices[0].order_id)


class Flipper(Outsider):
    """Large orders at the touch, and a moment later an order against those that joined them, which withdraws its own on its way.

    Source: CFTC v. Oystacher and 3Red Trading (2015): flips by the platform's prevention of trades with oneself.
    """

    family = "spoofing"

    def begin(self, view: View, commands: Commands) -> None:
        """Show the false side, in a few orders."""
        side = 1 - toss(view)
        view.memory[SIDE], view.memory[HELD], view.memory[UNTIL], view.memory[PHASE] = side, view.inventory, randint(view, 4, 10), 0
        inside = -1 if uniform(view) < 0.5 else 0
        for _ in range(randint(view, 2, 5)):
            place_limit(commands, side, price(view, side, inside), randint(view, 10, 25))

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Flip once somebody joined, or give up; then work off what it got."""
        side = int(view.memory[SIDE])
        if view.memory[PHASE] == 1:
            if at > view.memory[UNTIL] + 3:
                self.end(view, commands, view.inventory != view.memory[HELD])
            return
        mine = resting(view, side)
        size = view.bid_size if side == BUY else view.ask_size
        others = size - sum(order.size for order in mine if order.price == price(view, side, 0))
        if at >= view.memory[UNTIL] or (at > 2 and others >= 8):
            place_limit(commands, 1 - side, price(view, side, 0), randint(view, 6, 18), IOC)
            for order in mine:
                cancel(commands, order.order_id)
            view.memory[PHASE], view.memory[UNTIL] = 1, at


class Crumbling(Outsider):
    """A wall at the touch that does trade: it is cut with every fill and pulled after a third, which leaves a gap.

    Source: what surveillance calls vacuuming; on false orders filled in part, United States v. Bases and Pacilio (2021).
    """

    family = "spoofing"

    def begin(self, view: View, commands: Commands) -> None:
        """Put the wall at the touch and the order that shall trade a little away on the other side."""
        side = toss(view)
        view.memory[SIDE], view.memory[HELD], view.memory[UNTIL] = side, view.inventory, randint(view, 8, 30)
        view.memory[LEFT] = randint(view, 40, 90)
        place_limit(commands, 1 - side, price(view, 1 - side, 0), int(view.memory[LEFT]))
        place_limit(commands, side, price(view, side, randint(view, 0, 2)), randint(view, 5, 14))

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Cut the wall, pull it, and wait a little for those who now hit the order behind."""
        side = int(view.memory[SIDE])
        wall = resting(view, 1 - side)
        left = sum(order.size for order in wall)
        pulled = view.memory[UNTIL] < 0
        if pulled and at > -view.memory[UNTIL] + 8:
            if unwind(view, commands, int(view.memory[HELD]), 6) or at > 80:
                self.end(view, commands, True)
        elif not pulled and (at > view.memory[UNTIL] or left * 3 < view.memory[LEFT] * 2):
            for order in wall:
                cancel(commands, order.order_id)
            view.memory[UNTIL] = -at
            if not resting(view, side):
                place_limit(commands, side, price(view, side, 0), randint(view, 3, 9))
        elif not pulled and left < view.memory[LEFT] and wall and uniform(view) < 0.5:
            view.memory[LEFT] = left * 1.2
            modify(commands, wall[0].order_id, wall[0].price, max(wall[0].size * 4 // 5, 1))


SPOOFING = (PingPong, Facade, Flipper, Crumbling)
