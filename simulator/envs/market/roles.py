"""What learners see and do in a market with roles, beyond prices and orders: resources, conduct, oversight, mediation."""

from __future__ import annotations

from typing import Any

from simulator.envs.market.observation import FEATURES, START_CASH, put_feature
from simulator.envs.market.types import OrderType
from simulator.traders.trader import Trader
from simulator.types import DealStep, MessageKind, Role, Rule
from simulator.world.acts import fine, halt_trading, resume_trading, settle, suspend
from simulator.world.commands import Commands
from simulator.world.indicators import bollinger, macd, rsi, volatility
from simulator.world.jit import both_ways, compile_trader
from simulator.world.looking import deal_of, letter_of, mechanisms, public_of
from simulator.world.party_rows import LETTERS, MILLION
from simulator.world.view import View, mid, mid_ago

ROLE_FEATURES = (
    *FEATURES,
    "scarcity",  # share of what was wanted and lacking lately
    "demand",  # lots wanted less lots made in the last period, over their sum
    "stock",  # lots over what the agent makes and uses up in five periods
    "worth",  # of consuming a lot, against the mid; 0 for agents that consume nothing
    "cost",  # of producing a lot, against the mid; 0 for agents that produce nothing
    "quality",  # of the stock, 0..1
    "reputation",  # 0..1
    "deals",  # open ones over the most that it may have open
    "disputes",  # new ones that wait for it as a mediator
    "earned",  # outside the book, against the start's cash
    "unrest",  # move of the mid over ten steps
    "halted",
    "largest_position",  # of anybody, over a thousand lots; for regulators only, like the next one
    "order_to_trade",  # of anybody, over twenty
    "rsi",  # of 20 steps, -1 to 1
    "bollinger",  # place in the band of 50 steps
    "macd",  # mean of 10 steps against that of 50
    "volatility",  # of a step over 50 steps
)
_FIRST = len(FEATURES)
_REGULATOR, _MEDIATOR = int(Role.REGULATOR), int(Role.MEDIATOR)
_DEAL, _DISPUTED = int(MessageKind.DEAL), int(DealStep.DISPUTED)
_POSITION, _ORDER_TO_TRADE, _BREAKER = int(Rule.POSITION), int(Rule.ORDER_TO_TRADE), int(Rule.CIRCUIT_BREAKER)
_HALT, _RESUME = int(OrderType.MARKET_BUY), int(OrderType.MARKET_SELL)
_FINE_POSITION, _FINE_ORDERS, _SUSPEND = int(OrderType.LIMIT_BUY), int(OrderType.LIMIT_SELL), int(OrderType.CANCEL_ALL)
_READ = 3  # word of memory: letters read, behind the three of an action
_FEW_ORDERS = 20  # with fewer, a ratio says nothing
_RETURNS, _SPREADS = 200.0, 100.0  # a move of half a per cent is 1, a spread of a per cent is 1


@both_ways
def observe_role(view: Any, target: Any) -> None:
    """Write those of ROLE_FEATURES that are not in FEATURES, as `observe` writes those."""
    now = mid(view)
    put_feature(target, _FIRST, view.scarcity / MILLION)
    put_feature(target, _FIRST + 1, (view.demand - view.supply) / (view.demand + view.supply + 1.0))
    put_feature(target, _FIRST + 2, view.inventory / (5.0 * (view.makes + view.uses) + 1.0))
    put_feature(target, _FIRST + 3, view.worth / now - 1.0 if view.uses > 0.0 else 0.0)
    put_feature(target, _FIRST + 4, view.cost / now - 1.0 if view.makes > 0.0 else 0.0)
    put_feature(target, _FIRST + 5, view.quality / (view.inventory * 1.0 * MILLION) if view.inventory > 0 else 0.0)
    put_feature(target, _FIRST + 6, view.reputation / MILLION)
    put_feature(target, _FIRST + 7, view.deals / max(mechanisms(view).deal_limit, 1))
    put_feature(target, _FIRST + 8, new_disputes(view))
    put_feature(target, _FIRST + 9, -view.paid / START_CASH)
    put_feature(target, _FIRST + 10, (now / mid_ago(view, 10) - 1.0) * _RETURNS)
    put_feature(target, _FIRST + 11, view.halted)
    position, ratio = 0.0, 0.0
    if view.role == _REGULATOR:
        position = abs(public_of(view, worst(view, _POSITION)).position) / 1000.0
        ratio = order_to_trade(view, worst(view, _ORDER_TO_TRADE)) / 20.0
    put_feature(target, _FIRST + 12, position)
    put_feature(target, _FIRST + 13, ratio)
    put_feature(target, _FIRST + 14, rsi(view, 20) / 50.0 - 1.0)
    put_feature(target, _FIRST + 15, bollinger(view, 50))
    put_feature(target, _FIRST + 16, macd(view, 10, 50) / now * _RETURNS)
    put_feature(target, _FIRST + 17, volatility(view, 50) / now * _RETURNS)


@both_ways
def new_disputes(view: Any) -> int:
    """Return how many disputes a mediator was given since it last proposed."""
    found = 0
    if view.role == _MEDIATOR:
        for number in range(max(int(view.memory[_READ]), view.letters - LETTERS), view.letters):
            letter = letter_of(view, number)
            if letter.kind == _DEAL and letter.value_1 == _DISPUTED:
                found += 1
    return found


@both_ways
def order_to_trade(view: Any, agent: int) -> int:
    """Return an agent's orders for each of its trades, lately; 0 with so few that this says nothing."""
    known = public_of(view, agent)
    return known.orders // max(known.trades, 1) if known.orders >= _FEW_ORDERS else 0


@both_ways
def worst(view: Any, rule: int) -> int:
    """Return the agent with the largest position or the highest order-to-trade ratio; of equal ones the first."""
    found, most = 0, -1
    for agent in range(view.agents):
        now = abs(public_of(view, agent).position) if rule == _POSITION else order_to_trade(view, agent)
        if now > most:
            found, most = agent, now
    return found


@both_ways
def officiate(view: Any, commands: Any, kind: int, size: int) -> None:
    """Carry out an action of a regulator or mediator, whose OrderTypes mean something else.

    Regulator: HOLD, halt (MARKET_BUY), resume (MARKET_SELL), fine the largest position (LIMIT_BUY) or the highest order-to-trade ratio
    (LIMIT_SELL) by size x 1000 ticks x lots, suspend the largest position for size x 10 steps (CANCEL_ALL).
    Mediator: propose that fifth of the claim in every new dispute, from none (HOLD) to all of it (CANCEL_ALL).
    """
    if view.role == _MEDIATOR:
        for number in range(max(int(view.memory[_READ]), view.letters - LETTERS), view.letters):
            letter = letter_of(view, number)
            if letter.kind == _DEAL and letter.value_1 == _DISPUTED and deal_of(view, letter.value_3).id == letter.value_3:
                settle(commands, letter.value_3, deal_of(view, letter.value_3).claim * kind // _SUSPEND)
        view.memory[_READ] = view.letters
    elif view.role == _REGULATOR and kind != 0:
        regulate(view, commands, kind, size)


@both_ways
def regulate(view: Any, commands: Any, kind: int, size: int) -> None:
    """Carry out an action of a regulator."""
    by_orders = kind == _FINE_ORDERS
    agent = worst(view, _ORDER_TO_TRADE if by_orders else _POSITION)
    observed = order_to_trade(view, agent) if by_orders else abs(public_of(view, agent).position)
    if kind == _HALT:
        halt_trading(commands, view.symbol, _BREAKER, view.mid_twice // 2, 0)
    elif kind == _RESUME:
        resume_trading(commands, view.symbol)
    elif kind == _SUSPEND:
        suspend(commands, agent, _POSITION, observed, 0, min(size * 10, mechanisms(view).longest_suspension))
    else:
        amount = min(size * 1000, mechanisms(view).highest_fine)
        fine(commands, agent, _ORDER_TO_TRADE if by_orders else _POSITION, observed, 0, amount)


@both_ways
def steadiness(market: Any) -> float:
    """Return the reward of a regulator for one step: 0 in a market that stands still with no spread, less for moves, spreads and halts."""
    now, before = market.mid_twice, market.mids_twice[(market.step - 1) & 255]
    move = abs(now - before) / before * _RETURNS
    spread = 1.0
    if market.best_bid > 0 and market.best_ask > market.best_bid:
        spread = min(2.0 * (market.best_ask - market.best_bid) / now * _SPREADS, 1.0)
    return -(move + 0.1 * spread + (1.0 if market.halted else 0.0))  # type: ignore[no-any-return]


def decide(view: Any, commands: Any) -> None:
    """Carry out the action in memory; zeros hold."""
    officiate(view, commands, int(view.memory[0]), int(view.memory[2]))


class Officer(Trader):
    """A regulator or mediator whose decisions are made outside the market, once a step, by whoever writes its memory.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> view, commands = example_view(role=5), Commands()
    >>> view.memory[:3] = 1, 0, 5  # the first OrderType but HOLD: halt
    >>> Officer().act(view, commands)
    >>> [row[0] for row in commands.rows] == [33]  # Act.HALT_TRADING
    True
    """

    memory_words = 4
    address = compile_trader(decide)

    def act(self, view: View, commands: Commands) -> None:
        """Carry out the action in memory."""
        decide(view, commands)
