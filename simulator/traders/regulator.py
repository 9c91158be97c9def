"""A regulator: it looks at what is public of everybody in turn, fines who breaks a rule, suspends who goes on, and stops a wild market.

Source: the rules are those of MiFID II (order-to-trade ratios: Commission Delegated Regulation 2017/566; position limits: 2017/591) and
of the limit up-limit down plan of the US exchanges (2012).
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.trader import Trader
from simulator.types import Rule
from simulator.world.acts import fine, halt_trading, resume_trading, suspend, warn
from simulator.world.commands import Commands
from simulator.world.jit import both_ways, compile_trader
from simulator.world.looking import public_of
from simulator.world.party_rows import MILLION
from simulator.world.view import View, mid, mid_ago

_POSITION, _RATIO, _ORDERS, _FINE, _SUSPENSION, _MOVE, _WINDOW, _PAUSE, _LOOKS = range(9)
_NEXT, _HALTED_AT = range(2)  # words of memory
_POSITION_RULE, _ORDER_TO_TRADE, _BREAKER = int(Rule.POSITION), int(Rule.ORDER_TO_TRADE), int(Rule.CIRCUIT_BREAKER)
_PATIENCE = 3  # fines after which it suspends


def decide(view: View, commands: Commands) -> None:
    """Look at some agents, and at the price of its symbol."""
    for _ in range(int(view.parameters[_LOOKS])):
        agent = int(view.memory[_NEXT]) % view.agents
        view.memory[_NEXT] = agent + 1
        if agent != view.agent:
            judge(view, commands, agent)
    now, before = mid(view), mid_ago(view, int(view.parameters[_WINDOW]))
    if view.halted:
        if view.memory[_HALTED_AT] > 0.0 and view.step >= view.memory[_HALTED_AT] - 1.0 + view.parameters[_PAUSE]:
            resume_trading(commands, view.symbol)
            view.memory[_HALTED_AT] = 0.0
    elif abs(now - before) > view.parameters[_MOVE] * before and view.step > view.parameters[_WINDOW]:
        halt_trading(commands, view.symbol, _BREAKER, int(abs(now - before) / before * MILLION), int(view.parameters[_MOVE] * MILLION))
        view.memory[_HALTED_AT] = view.step + 1.0


@both_ways
def judge(view: View, commands: Commands, agent: int) -> None:
    """Hold what is public of an agent against the rules."""
    known = public_of(view, agent)
    if known.suspended_until > 0:
        return
    allowed = int(view.parameters[_POSITION])
    if abs(known.position) > allowed:
        punish(view, commands, agent, _POSITION_RULE, abs(known.position), allowed, known.fined)
    ratio = known.orders // max(known.trades, 1)
    if known.orders >= view.parameters[_ORDERS] and ratio > view.parameters[_RATIO]:
        punish(view, commands, agent, _ORDER_TO_TRADE, ratio, int(view.parameters[_RATIO]), known.fined)


@both_ways
def punish(view: View, commands: Commands, agent: int, rule: int, observed: int, allowed: int, fined: int) -> None:
    """Warn where fines are nought, otherwise fine, and suspend who was fined often."""
    amount = int(view.parameters[_FINE])
    if amount == 0:
        warn(commands, agent, rule, observed, allowed)
    elif fined >= _PATIENCE * amount and view.parameters[_SUSPENSION] > 0.0:
        suspend(commands, agent, rule, observed, allowed, int(view.parameters[_SUSPENSION]))
    else:
        fine(commands, agent, rule, observed, allowed, amount)


class Regulator(Trader):
    """Fines, suspends and halts by rules on position, order-to-trade ratio and price moves, from public facts alone.

    Its population needs `role: regulator`, the scenario `oversight`, and a message limit that leaves it room to act.

    Parameters
    ----------
    position : most lots long or short.
    ratio : most orders, changes and withdrawals for each trade, lately.
    orders : from how many on the ratio counts.
    fine : ticks x lots; 0 warns only.
    suspension : steps for which it suspends who was fined three times; 0 never does.
    move : share of the price by which the mid may move within the window before it stops trading.
    window : steps, up to 255.
    pause : steps after which it lets trading go on.
    looks : agents that it looks at each time.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = Regulator(position=50, fine=1000, looks=10)
    >>> view, commands = example_view(parameters=trader.parameters), Commands()
    >>> view.around.publics["position"][3] = -80
    >>> trader.act(view, commands)
    >>> [(row[5], row[3], row[4], row[6]) for row in commands.rows]   # whom, observed, allowed, amount
    [(3, 80, 50, 1000)]
    """

    memory_words = 2
    address = compile_trader(decide)

    def __init__(
        self,
        position: int = 1000,
        ratio: float = 20,
        orders: int = 50,
        fine: int = 10_000,
        suspension: int = 200,
        move: float = 0.05,
        window: int = 100,
        pause: int = 100,
        looks: int = 4,
    ) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        numbers = (whole("position", position, 0), at_least("ratio", ratio, 0), whole("orders", orders, 0), whole("fine", fine, 0))
        moves = (share("move", move), whole("window", window, 1, 255), whole("pause", pause, 1))
        super().__init__((*numbers, whole("suspension", suspension, 0), *moves, whole("looks", looks, 0, 64)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
