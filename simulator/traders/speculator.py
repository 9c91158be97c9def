"""A speculator in resources: it stores what is cheap and sells what is dear, in sizes that a calm market allows and a wild one does not.

Source: Working, "The theory of price of storage", American Economic Review 39 (1949), for buying in plenty and selling in scarcity; the
size by constant risk is Moskowitz, Ooi and Pedersen, "Time series momentum", Journal of Financial Economics 104 (2012).
"""

from __future__ import annotations

from simulator.traders.dealing import associate
from simulator.traders.parameters import at_least, share, whole
from simulator.traders.sizing import by_risk, take
from simulator.traders.trader import Trader
from simulator.world.acts import whisper
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.draws import uniform
from simulator.world.jit import compile_trader
from simulator.world.party_rows import MILLION
from simulator.world.view import View, mean_mid, mid, mid_ago

_WINDOW, _BAND, _RISK, _SIZE, _BELIEF, _TALK, _SOCIABLE = range(7)
_VARIANCE, _SCARCITY = range(2)  # words of memory
_DECAY = 0.05  # weight of the newest change in the variance
_PREMIUM = 0.1  # by which it expects the price to fall when full scarcity is over, as a share
_USUAL = 0.002  # weight of the newest scarcity in what it holds for usual
RUMOUR = 2  # topic of its rumours: the price that it expects, in ticks


def decide(view: View, commands: Commands) -> None:
    """Compare the price with what it should be by its mean, by scarcity and by hearsay, and trade on the difference."""
    now = mid(view)
    change = now - mid_ago(view, 1)
    view.memory[_VARIANCE] += _DECAY * (change * change - view.memory[_VARIANCE])
    scarcity = view.scarcity / MILLION
    view.memory[_SCARCITY] += _USUAL * (scarcity - view.memory[_SCARCITY])
    associate(view, commands, view.parameters[_SOCIABLE])
    if view.halted:
        return
    expected = mean_mid(view, int(view.parameters[_WINDOW])) * (1.0 - _PREMIUM * (scarcity - view.memory[_SCARCITY]))
    if view.rumour_strength > 0 and view.rumour_topic == RUMOUR:
        belief = view.parameters[_BELIEF] * view.rumour_strength / MILLION
        expected += belief * (view.rumour_value - expected)
    expected *= 1.0 - view.parameters[_BAND] * view.inventory / max(view.position_limit, 1) * 4.0
    band = view.parameters[_BAND] * now
    lots = by_risk(view, view.parameters[_RISK], view.memory[_VARIANCE], int(view.parameters[_SIZE]))
    if view.best_ask > 0 and expected - view.best_ask > band:
        take(view, commands, BUY, min(lots, view.ask_size))
        if uniform(view) < view.parameters[_TALK]:
            whisper(commands, RUMOUR, int(expected))
    elif view.best_bid > 0 and view.best_bid - expected > band:
        take(view, commands, SELL, min(lots, view.bid_size))


class Speculator(Trader):
    """Buys when the best ask lies further than the band below what it expects, and sells when the best bid lies so far above.

    It expects the mean mid of the window, less by a tenth of what scarcity is above usual, pulled towards a rumour by its strength.

    Parameters
    ----------
    window : steps of the mean, up to 255.
    band : quiet zone on both sides, as a share of the price.
    risk : deviation of what an order is worth from one step to the next, in ticks x lots; it sizes the orders.
    size : most lots per order.
    belief : how far a rumour of full strength moves what it expects, as a share of the way.
    talk : chance that it begins a rumour of its own when it buys.
    sociable : chance of inviting somebody into an alliance when it looks at the market.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = Speculator(window=2, band=0.01, risk=100, size=5)
    >>> view, commands = example_view(prices=[110, 100], parameters=trader.parameters), Commands()
    >>> trader.act(view, commands)                  # the mean of two steps is 105
    >>> [(order.side.name, order.size) for order in commands.placed()]
    [('BUY', 5)]
    """

    memory_words = 2
    address = compile_trader(decide)

    def __init__(
        self,
        window: int = 200,
        band: float = 0.01,
        risk: float = 200,
        size: int = 5,
        belief: float = 0.5,
        talk: float = 0.0,
        sociable: float = 0.0,
    ) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        numbers = (whole("window", window, 1, 255), at_least("band", band, 0), at_least("risk", risk, 0), whole("size", size, 1))
        super().__init__((*numbers, share("belief", belief), share("talk", talk), share("sociable", sociable)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
