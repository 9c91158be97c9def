"""What each strategy does in a market of a few literal prices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.traders.registry import make_trader
from simulator.types import CommandKind, DealStep, MessageKind, Protocol, Rule, Side, TimeInForce
from simulator.world.acts import Act
from simulator.world.commands import CancelOrder, Commands, ModifyOrder, PlaceOrder, SendMessage
from simulator.world.deal_rows import DealState
from simulator.world.layout import MARKET
from simulator.world.view import View, example_view


def market(side: Side, size: int) -> PlaceOrder:
    return PlaceOrder(CommandKind.MARKET, side, size, None, TimeInForce.IOC)


def limit(side: Side, size: int, price: int) -> PlaceOrder:
    return PlaceOrder(CommandKind.LIMIT, side, size, price, TimeInForce.GTC)


def decide(name: str, parameters: dict[str, float], **fields: Any) -> tuple[list[Any], View]:
    trader = make_trader(name, parameters)
    view, commands = example_view(parameters=trader.parameters, **fields), Commands()
    trader.act(view, commands)
    return commands.placed(), view


RISE, FALL, FLAT = [100, 101, 102, 110], [100, 99, 98, 90], [100, 100, 100, 100]


@pytest.mark.parametrize(
    ("name", "parameters", "prices", "expected"),
    [
        ("trend_momentum", {"window": 3, "threshold": 9, "size": 4}, RISE, [market(Side.BUY, 4)]),
        ("trend_momentum", {"window": 3, "threshold": 9, "size": 4}, FALL, [market(Side.SELL, 4)]),
        ("trend_momentum", {"window": 3, "threshold": 10, "size": 4}, RISE, []),
        ("trend_momentum", {"window": 1, "threshold": 8, "size": 4}, RISE, []),
        ("trend_follower", {"window": 3, "band": 5, "size": 4}, RISE, [market(Side.BUY, 4)]),
        ("trend_follower", {"window": 3, "band": 5, "size": 4}, FALL, [market(Side.SELL, 4)]),
        ("trend_follower", {"window": 3, "band": 6, "size": 4}, RISE, []),
        ("trend_follower", {"window": 3, "band": 0, "size": 4}, FLAT, []),
        ("mean_reversion", {"window": 3, "band": 5, "size": 4}, RISE, [market(Side.SELL, 4)]),
        ("mean_reversion", {"window": 3, "band": 5, "size": 4}, FALL, [market(Side.BUY, 4)]),
        ("mean_reversion", {"window": 3, "band": 6, "size": 4}, RISE, []),
        ("momentum", {"decay": 1, "gain": 0.125, "limit": 8, "size": 4}, RISE, [market(Side.BUY, 4)]),
        ("momentum", {"decay": 1, "gain": 0.125, "limit": 8, "size": 4}, FALL, [market(Side.SELL, 4)]),
        ("momentum", {"decay": 1, "gain": 0.125, "limit": 7, "size": 4}, RISE, []),
    ],
)
def test_price_rules(name: str, parameters: dict[str, float], prices: list[int], expected: list[Any]) -> None:
    assert decide(name, parameters, prices=prices)[0] == expected


def test_momentum_tells_everybody_what_it_wants() -> None:
    talkative = {"decay": 1, "gain": 0.125, "limit": 8, "size": 4, "talk": 1}
    assert decide("momentum", talkative, prices=FALL)[0] == [market(Side.SELL, 4), SendMessage(-1, 0, -4, 0)]


@pytest.mark.parametrize("name", ["trend_momentum", "trend_follower", "momentum"])
def test_a_position_limit_cuts_the_order(name: str) -> None:
    assert decide(name, {"size": 5}, prices=[100, 120], position_limit=10, inventory=7, bid_lots=1)[0] == [market(Side.BUY, 2)]
    assert decide(name, {"size": 5}, prices=[100, 120], position_limit=10, inventory=10)[0] == []


def test_nothing_is_taken_from_an_empty_side() -> None:
    assert decide("trend_follower", {}, prices=[100, 120], best_ask=0, ask_size=0)[0] == []


def test_sizes_are_whole_lots() -> None:
    assert decide("trend_follower", {"size": 25}, prices=[100, 120], lot_size=10)[0] == [market(Side.BUY, 20)]


ARBITRAGE = {"threshold": 3, "aversion": 0.5, "size": 8}


@pytest.mark.parametrize(
    ("signal", "inventory", "expected"),
    [
        (105.0, 0, [market(Side.BUY, 8)]),  # asked 101
        (104.0, 0, []),  # 3 ticks are not more than the threshold
        (95.0, 0, [market(Side.SELL, 8)]),  # bid 99
        (105.0, 2, []),  # two lots are worth a tick less
        (100.0, 10, [market(Side.SELL, 8)]),  # reservation value 95
    ],
)
def test_arbitrage_trades_on_the_reservation_value(signal: float, inventory: int, expected: list[Any]) -> None:
    assert decide("arbitrage", ARBITRAGE, signal=signal, informed=1, inventory=inventory)[0] == expected


def test_arbitrage_takes_no_more_than_the_touch_and_needs_the_value() -> None:
    assert decide("arbitrage", ARBITRAGE, signal=105.0, informed=1, ask_size=3)[0] == [market(Side.BUY, 3)]
    assert decide("arbitrage", ARBITRAGE, signal=0.0, informed=0)[0] == []


def test_in_a_call_arbitrage_leaves_one_order_near_the_value_and_withdraws_the_rest_after_it() -> None:
    parameters = {"threshold": 2, "aversion": 0, "size": 5}
    assert decide("arbitrage", parameters, signal=110.0, informed=1, in_call=1)[0] == [limit(Side.BUY, 5, 108)]
    assert decide("arbitrage", parameters, signal=95.0, informed=1, in_call=1)[0] == [limit(Side.SELL, 5, 97)]
    left = [(7, 108, 5, int(Side.BUY))]
    assert decide("arbitrage", parameters, signal=110.0, informed=1, in_call=1, orders=left)[0] == []
    assert decide("arbitrage", parameters, signal=110.0, informed=1, orders=left)[0] == [CancelOrder(7)]


def test_in_a_call_what_is_taken_is_a_limit_order_at_the_best_opposite_price() -> None:
    assert decide("noise", {"buy": 1, "sell": 0, "market_share": 1, "size": 1}, in_call=1)[0] == [limit(Side.BUY, 1, 101)]


MAKER = {"half_spread": 2, "skew": 0.5, "tolerance": 1, "size": 6}


def test_a_maker_quotes_both_sides() -> None:
    assert decide("market_maker", MAKER)[0] == [limit(Side.BUY, 6, 98), limit(Side.SELL, 6, 102)]


def test_a_maker_leans_against_its_inventory() -> None:
    assert decide("market_maker", MAKER, inventory=4)[0] == [limit(Side.BUY, 6, 96), limit(Side.SELL, 6, 100)]
    assert decide("market_maker", MAKER, inventory=-4)[0] == [limit(Side.BUY, 6, 100), limit(Side.SELL, 6, 104)]


def test_a_maker_never_quotes_across_the_book() -> None:
    assert decide("market_maker", MAKER, inventory=-20)[0] == [limit(Side.BUY, 6, 100), limit(Side.SELL, 6, 112)]


def test_a_maker_that_sees_the_value_quotes_around_it() -> None:
    wide = {"informed": 1, "signal": 103.5, "best_bid": 90, "best_ask": 110}
    assert decide("market_maker", MAKER, **wide)[0] == [limit(Side.BUY, 6, 101), limit(Side.SELL, 6, 106)]


def test_a_maker_leaves_quotes_within_the_tolerance() -> None:
    orders = [(1, 97, 6, 0), (2, 102, 3, 1)]
    assert decide("market_maker", MAKER, orders=orders, bid_lots=6, ask_lots=3)[0] == []


def test_a_maker_moves_a_quote_out_of_place_and_refills_a_used_one() -> None:
    orders = [(1, 96, 6, 0), (2, 102, 2, 1)]
    assert decide("market_maker", MAKER, orders=orders, bid_lots=6, ask_lots=2)[0] == [ModifyOrder(1, 98, 6), ModifyOrder(2, 102, 6)]


def test_a_maker_at_its_limit_quotes_one_side() -> None:
    state = {"position_limit": 10, "inventory": 10}
    assert decide("market_maker", MAKER, **state)[0] == [limit(Side.SELL, 6, 100)]
    with_bid = {**state, "orders": [(1, 93, 2, 0)], "bid_lots": 2, "inventory": 12}
    assert decide("market_maker", MAKER, **with_bid)[0] == [CancelOrder(1), limit(Side.SELL, 6, 100)]


NOISE: dict[str, float] = {"depth": 1, "size": 1}


@pytest.mark.parametrize(
    ("chances", "expected"),
    [
        ({"buy": 1, "sell": 0, "market_share": 0}, [limit(Side.BUY, 1, 100)]),
        ({"buy": 0, "sell": 1, "market_share": 0}, [limit(Side.SELL, 1, 100)]),
        ({"buy": 1, "sell": 0, "market_share": 1}, [market(Side.BUY, 1)]),
        ({"buy": 0, "sell": 1, "market_share": 1}, [market(Side.SELL, 1)]),
        ({"buy": 0, "sell": 0}, []),
    ],
)
def test_noise_does_as_its_chances_say(chances: dict[str, float], expected: list[Any]) -> None:
    assert decide("noise", NOISE | chances)[0] == expected


def test_noise_withdraws_its_oldest_order_when_it_holds_or_has_too_many() -> None:
    orders = [(7, 95, 1, 0), (8, 96, 1, 0)]
    assert decide("noise", NOISE | {"buy": 0, "sell": 0}, orders=orders)[0] == [CancelOrder(7)]
    assert decide("noise", NOISE | {"buy": 1, "sell": 0, "orders": 2}, orders=orders)[0] == [CancelOrder(7)]


def test_noise_keeps_its_chances() -> None:
    trader = make_trader("noise", {"activity": 0.5, "market_share": 1})
    view, commands = example_view(parameters=trader.parameters), Commands()
    for _ in range(4000):
        trader.act(view, commands)
    bought = [order for order in commands.placed() if isinstance(order, PlaceOrder) and order.side == Side.BUY]
    assert len(commands) == pytest.approx(4000 * 0.5 * 0.6, rel=0.1)
    assert len(bought) == pytest.approx(4000 * 0.5 * 0.3, rel=0.1)
    assert {order.size for order in bought} == set(range(1, 10))


def test_statistical_arbitrage_opens_far_out_and_closes_near_the_mean() -> None:
    trader = make_trader("statistical_arbitrage", {"decay": 0.1, "size": 5})
    view = example_view(prices=[100], parameters=trader.parameters)
    view.memory[:2] = 100.0, 16.0  # mean, variance: a deviation of 4 ticks
    for mid_twice, inventory, expected in (
        (212, 0, [market(Side.SELL, 5)]),  # 6 ticks are 1.5 deviations
        (204, 0, []),
        (200, -3, [market(Side.BUY, 3)]),
        (188, 0, [market(Side.BUY, 5)]),
    ):
        view.memory[:2], commands = (100.0, 16.0), Commands()
        view.market["mid_twice"], view.own["inventory"] = mid_twice, inventory
        trader.act(view, commands)
        assert commands.placed() == expected


def test_statistical_arbitrage_remembers_mean_and_variance() -> None:
    trader = make_trader("statistical_arbitrage", {"decay": 0.5})
    view = example_view(prices=[100], parameters=trader.parameters)
    trader.act(view, Commands())
    view.market["mid_twice"] = 216
    trader.act(view, Commands())
    assert view.memory[:2].tolist() == [104.0, 16.0]  # half way to 108; half of half of 8 x 8


def test_a_splitter_works_off_one_order_after_the_other_of_sizes_that_follow_a_power_law() -> None:
    trader = make_trader("splitter", {"start": 1, "doubling": 0.5, "size": 1, "pieces": 64})
    view, orders = example_view(prices=FLAT, parameters=trader.parameters), [[]]  # type: list[list[Side]]
    while len(orders) <= 2000:
        commands = Commands()
        trader.act(view, commands)
        (piece,) = commands.placed()
        orders[-1].append(piece.side)
        if view.memory[0] == 0:
            orders.append([])
    sizes = [len(order) for order in orders[:2000]]
    assert all(len(set(order)) == 1 for order in orders[:2000])
    for size in (2, 4, 8):
        assert sum(found >= size for found in sizes) / 2000 == pytest.approx(1 / size, abs=0.04)
    assert set(sizes) <= {1, 2, 4, 8, 16, 32, 64}
    assert sum(order[0] == Side.BUY for order in orders[:2000]) / 2000 == pytest.approx(0.5, abs=0.04)


def asked(name: str, parameters: dict[str, Any], view: View) -> list[tuple[int, ...]]:
    """Return all commands of a strategy as rows, those beyond the book included."""
    trader, commands = make_trader(name, parameters), Commands()
    view.own["parameters"][: len(trader.parameters)] = trader.parameters
    trader.act(view, commands)
    return commands.rows


def beyond(name: str, parameters: dict[str, Any], view: View) -> list[tuple[int, ...]]:
    """Return the commands beyond the book alone."""
    return [row for row in asked(name, parameters, view) if row[0] > 16]


def act(
    kind: Act, number: int = 0, side: int = 0, delay: int = 0, price: int = 0, size: int = 0, more: int = 0, most: int = 0
) -> tuple[int, ...]:
    """Return the row of an act; `number` is the agent, deal or symbol that it is about."""
    return int(kind), side, delay, price, size, number, more, most


def with_letter(view: View, kind: MessageKind, step: int = 0, deal: int = 0, value: int = 0, sender: int = 3) -> View:
    """Put one letter into the agent's mailbox."""
    letter = view.around.letters[view.letters]
    letter["kind"], letter["sender"], letter["value_1"], letter["value_3"], letter["value_4"] = kind, sender, step, deal, value
    view.own["letters"] += 1
    return view


def with_deal(view: View, deal: int = 1, **fields: int) -> View:
    """Put a deal with agent 3 on the table, by which that one sells ten lots and waits for an answer, in a scenario with deals."""
    row = view.around.deals[deal]
    offered = {"id": deal, "state": DealState.OFFERED, "first": 3, "second": 0, "turn": 0, "side": Side.SELL, "lots": 10, "round": 1}
    for name, value in {**offered, **fields}.items():
        row[name] = value
    view.around.mechanisms["deal_limit"], view.around.mechanisms["rounds"], view.around.mechanisms["increment"] = 4, 6, 10_000
    return view


BUYER: dict[str, Any] = {"margin": 0.5, "cover": 5, "size": 10}
USES = {"uses": 2.0, "worth": 200}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"inventory": 6, "best_ask": 0, "ask_size": 0}, [limit(Side.BUY, 4, 99)]),  # 100 x (1 - 0.02 x 0.2)
        ({"inventory": 5}, [limit(Side.BUY, 5, 100)]),  # a tick below the best ask
        ({"inventory": 10}, []),
        ({"inventory": 13}, []),
        ({"inventory": 2}, [market(Side.BUY, 8)]),  # most of the target is missing
        ({"inventory": 0, "ask_size": 3}, [market(Side.BUY, 3)]),
        ({"inventory": 0, "worth": 50}, [limit(Side.BUY, 10, 50)]),  # never more than it is worth
        ({"inventory": 0, "worth": 50, "cash": 250}, [limit(Side.BUY, 5, 50)]),
        ({"inventory": 0, "worth": 50, "cash": 250, "reserved": 100, "credit_limit": 30}, [limit(Side.BUY, 3, 50)]),
        ({"inventory": 0, "worth": 50, "position_limit": 4}, [limit(Side.BUY, 4, 50)]),
        ({"inventory": 0, "halted": 1}, []),
        ({"inventory": 10, "orders": [(7, 90, 2, 0)], "bid_lots": 2}, [CancelOrder(7)]),
        ({"inventory": 0, "orders": [(7, 90, 2, 0)], "bid_lots": 2}, [CancelOrder(7), market(Side.BUY, 10)]),
    ],
)
def test_a_buyer_bids_for_what_is_missing(fields: dict[str, Any], expected: list[Any]) -> None:
    assert decide("buyer", BUYER, **{**USES, **fields})[0] == expected


def test_a_buyer_offers_a_contract_to_somebody_whom_it_trusts() -> None:
    def offers(**bad: int) -> list[tuple[int, ...]]:
        view = with_deal(example_view(inventory=6, best_ask=0, ask_size=0, **USES), id=-1)
        view.around.publics["bad"] = bad.get("bad", 0)
        return beyond("buyer", {**BUYER, "contracts": 1}, view)

    (offer,) = offers()
    assert offer == act(Act.OFFER, offer[5], side=Side.BUY, delay=20, price=99, size=4)
    assert 0 < offer[5] < 10
    assert offers(bad=2_000_000) == []


@pytest.mark.parametrize(
    ("deal", "expected"),
    [
        ({"price": 106, "round": 1}, act(Act.ACCEPT, 1)),  # from 100 in the first round to 140 in the sixth
        ({"price": 107, "round": 1}, act(Act.COUNTER, 1, price=106, size=10)),
        ({"price": 120, "round": 3}, act(Act.ACCEPT, 1)),
        ({"price": 121, "round": 3}, act(Act.COUNTER, 1, price=120, size=10)),
        ({"price": 140, "round": 6}, act(Act.ACCEPT, 1)),
        ({"price": 141, "round": 6}, act(Act.WALK_AWAY, 1)),
        ({"price": 10, "side": Side.BUY}, act(Act.WALK_AWAY, 1)),  # it does not sell
        ({"price": 10, "lots": 2000}, act(Act.WALK_AWAY, 1)),  # beyond its position limit
    ],
)
def test_a_buyer_bargains(deal: dict[str, int], expected: tuple[int, ...]) -> None:
    view = with_letter(with_deal(example_view(inventory=6, **USES), **deal), MessageKind.DEAL, DealStep.OFFERED, 1)
    assert beyond("buyer", BUYER, view) == [expected]
    assert beyond("buyer", BUYER, view) == []  # the letter is read


def test_nobody_answers_for_another_or_deals_with_a_breaker_of_contracts() -> None:
    others = with_letter(with_deal(example_view(inventory=6, **USES), price=1, turn=3), MessageKind.DEAL, DealStep.OFFERED, 1)
    assert beyond("buyer", BUYER, others) == []
    gone = with_letter(with_deal(example_view(inventory=6, **USES), price=1, id=11), MessageKind.DEAL, DealStep.OFFERED, 1)
    assert beyond("buyer", BUYER, gone) == []
    breaker = with_letter(with_deal(example_view(inventory=6, **USES), price=1), MessageKind.DEAL, DealStep.OFFERED, 1)
    breaker.around.publics["bad"][3] = 2_000_000
    assert beyond("buyer", BUYER, breaker) == [act(Act.WALK_AWAY, 1)]


@pytest.mark.parametrize(
    ("breaker", "amount", "expected"),
    [(0, 75, [act(Act.ACCEPT, 1)]), (0, 76, []), (3, 25, [act(Act.ACCEPT, 1)]), (3, 24, [])],
)
def test_a_settlement_is_accepted_where_it_is_fair(breaker: int, amount: int, expected: list[Any]) -> None:
    view = with_deal(example_view(inventory=10, **USES), state=DealState.DISPUTED, breaker=breaker, amount=amount, claim=100)
    assert beyond("buyer", BUYER, with_letter(view, MessageKind.DEAL, DealStep.PROPOSED, 1, amount)) == expected


@pytest.mark.parametrize(("quality", "stars"), [(800_000, 1), (799_999, -1)])
def test_a_buyer_rates_what_is_delivered(quality: int, stars: int) -> None:
    view = with_deal(example_view(inventory=10, **USES), state=DealState.DELIVERED, promised=800_000)
    assert beyond("buyer", BUYER, with_letter(view, MessageKind.DEAL, DealStep.DELIVERED, 1, quality)) == [act(Act.RATE, 1, size=stars)]


@pytest.mark.parametrize(("bad", "alliance", "expected"), [(0, -1, [act(Act.JOIN)]), (1_000_000, -1, []), (0, 2, [])])
def test_an_invitation_of_somebody_honest_is_accepted(bad: int, alliance: int, expected: list[Any]) -> None:
    view = with_letter(example_view(inventory=10, alliance=alliance, **USES), MessageKind.INVITED)
    view.around.publics["bad"][3] = bad
    assert beyond("buyer", BUYER, view) == expected


def test_who_is_sociable_invites_and_leaves_where_others_would_do_better_alone() -> None:
    view = example_view(inventory=10, **USES)
    assert beyond("buyer", {**BUYER, "sociable": 1}, view) == []  # there are no alliances
    view.around.mechanisms["alliances"] = 4
    (invitation,) = beyond("buyer", {**BUYER, "sociable": 1}, view)
    assert invitation == act(Act.INVITE, invitation[5])
    member = example_view(inventory=10, alliance=0, **USES)
    member.around.mechanisms["alliances"], member.around.alliances["excess"] = 4, 1
    assert beyond("buyer", {**BUYER, "sociable": 1}, member) == [act(Act.LEAVE)]


AUCTION: dict[str, Any] = {"state": DealState.AUCTION, "second": -1, "lots": 4, "price": 100, "reserve": 100}


@pytest.mark.parametrize(
    ("deal", "expected"),
    [
        ({"protocol": Protocol.ENGLISH}, [100]),
        ({"protocol": Protocol.ENGLISH, "second": 5}, [101]),  # a hundredth more
        ({"protocol": Protocol.ENGLISH, "second": 0}, []),  # it leads
        ({"protocol": Protocol.ENGLISH, "price": 141}, []),  # worth 140 to it
        ({"protocol": Protocol.DUTCH, "price": 126}, [126]),
        ({"protocol": Protocol.DUTCH, "price": 127}, []),
        ({"protocol": Protocol.FIRST_PRICE}, [126]),
        ({"protocol": Protocol.SECOND_PRICE}, [140]),
        ({"protocol": Protocol.SECOND_PRICE, "reserve": 141}, []),
        ({"protocol": Protocol.SECOND_PRICE, "lots": 13}, []),  # more than three times what it wants
        ({"protocol": Protocol.SECOND_PRICE, "first": 0}, []),
        ({"protocol": Protocol.SECOND_PRICE, "state": DealState.FREE}, []),
    ],
)
def test_a_buyer_bids_in_the_newest_auction(deal: dict[str, Any], expected: list[int]) -> None:
    view = with_deal(example_view(inventory=6, newest_auction=1, **USES), **{**AUCTION, **deal})
    assert beyond("buyer", {**BUYER, "auctions": 1}, view) == [act(Act.BID, 1, price=price) for price in expected]


def test_a_sealed_bid_is_given_once() -> None:
    view = with_deal(example_view(inventory=6, newest_auction=1, **USES), **{**AUCTION, "protocol": Protocol.SECOND_PRICE})
    assert [len(beyond("buyer", {**BUYER, "auctions": 1}, view)) for _ in range(3)] == [1, 0, 0]


SELLER: dict[str, Any] = {"markup": 0.2, "cover": 5, "size": 10}
MAKES = {"makes": 2.0, "cost": 90, "short_limit": 0}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"inventory": 10}, [limit(Side.SELL, 10, 108)]),
        ({"inventory": 10, "scarcity": 1_000_000}, [limit(Side.SELL, 10, 126)]),  # twice the markup
        ({"inventory": 5, "cost": 50}, [limit(Side.SELL, 5, 101)]),  # a hundred and two thirds of a tick
        ({"inventory": 15, "cost": 50}, [limit(Side.SELL, 10, 100)]),  # less than the mid, above the best bid
        ({"inventory": 5, "cost": 50, "best_ask": 0, "ask_size": 0}, [limit(Side.SELL, 5, 101)]),
        ({"inventory": 10, "due_lots": 4}, [limit(Side.SELL, 6, 113)]),
        ({"inventory": 0}, []),
        ({"inventory": 10, "halted": 1}, []),
    ],
)
def test_a_seller_asks_more_the_less_it_has(fields: dict[str, Any], expected: list[Any]) -> None:
    assert decide("seller", SELLER, **{**MAKES, **fields})[0] == expected


def test_a_seller_that_is_not_honest_keeps_no_lots_for_its_contracts() -> None:
    assert decide("seller", {**SELLER, "honesty": 0}, **MAKES, inventory=10, due_lots=4)[0] == [limit(Side.SELL, 10, 108)]


def test_a_seller_with_twice_its_target_sells_to_the_best_bid_now_and_then() -> None:
    found = [decide("seller", SELLER, **{**MAKES, "cost": 89}, inventory=30, seed=seed)[0] for seed in range(40)]
    assert found.count([market(Side.SELL, 10)]) + found.count([limit(Side.SELL, 10, 100)]) == 40
    assert 10 < found.count([market(Side.SELL, 10)]) < 30
    assert [market(Side.SELL, 10)] not in [
        decide("seller", SELLER, **{**MAKES, "cost": 91}, inventory=30, seed=seed)[0] for seed in range(40)
    ]


@pytest.mark.parametrize(("honesty", "promised"), [(1, 400_000), (0.5, 700_000), (0, 1_000_000)])
def test_a_seller_promises_by_its_honesty(honesty: float, promised: int) -> None:
    view = with_deal(example_view(inventory=10, grade=400_000, **MAKES), id=-1)
    (offer,) = beyond("seller", {**SELLER, "contracts": 1, "honesty": honesty}, view)
    assert offer == act(Act.OFFER, offer[5], side=Side.SELL, delay=20, price=108, size=10, more=promised)


def test_a_seller_puts_lots_up_for_auction_of_every_kind() -> None:
    found = set()
    for seed in range(60):
        view = with_deal(example_view(inventory=10, seed=seed, **MAKES), id=-1)
        (opened,) = beyond("seller", {**SELLER, "auctions": 1}, view)
        assert opened[2:] == (5, 130, 10, 60, 108, 0)  # steps of a clock, start, lots, steps of bidding, reserve
        found.add(Protocol(opened[1]))
    assert found == {Protocol.ENGLISH, Protocol.DUTCH, Protocol.FIRST_PRICE, Protocol.SECOND_PRICE}
    busy = with_deal(example_view(inventory=10, deals=4, **MAKES), id=-1)
    assert beyond("seller", {**SELLER, "auctions": 1}, busy) == []


@pytest.mark.parametrize(
    ("deal", "expected"),
    [
        ({"price": 116, "round": 2}, act(Act.ACCEPT, 1)),  # from 118.8 at first to 108 in the sixth
        ({"price": 115, "round": 2}, act(Act.COUNTER, 1, price=116, size=10)),
        ({"price": 108, "round": 6}, act(Act.ACCEPT, 1)),
        ({"price": 107, "round": 6}, act(Act.WALK_AWAY, 1)),
        ({"price": 200, "lots": 11}, act(Act.WALK_AWAY, 1)),  # more than it has
    ],
)
def test_a_seller_bargains(deal: dict[str, int], expected: tuple[int, ...]) -> None:
    view = with_deal(example_view(inventory=10, **MAKES), **{"side": Side.BUY, **deal})
    assert beyond("seller", SELLER, with_letter(view, MessageKind.DEAL, DealStep.OFFERED, 1)) == [expected]


SPECULATOR: dict[str, Any] = {"window": 2, "band": 0.01, "risk": 100, "size": 5}


@pytest.mark.parametrize(
    ("parameters", "prices", "fields", "expected"),
    [
        ({}, [110, 100], {}, [market(Side.BUY, 5)]),
        ({}, [100, 110], {}, [market(Side.SELL, 5)]),
        ({}, [100, 100], {}, []),
        ({"band": 0.05}, [110, 100], {}, []),
        ({}, [110, 100], {"ask_size": 2}, [market(Side.BUY, 2)]),
        ({}, [110, 100], {"halted": 1}, []),
        ({}, [100, 100], {"scarcity": 1_000_000}, [market(Side.SELL, 5)]),  # it will be over
        ({}, [102, 100], {"inventory": -500}, [market(Side.BUY, 5)]),  # what it is short of is worth more to it
        ({}, [103, 102], {"inventory": 900}, [market(Side.SELL, 5)]),
        ({"risk": 10}, [110, 100], {}, [market(Side.BUY, 4)]),  # a deviation of 2.2 ticks, 4.5 lots
        ({"belief": 1}, [100, 100], {"rumour_strength": 1_000_000, "rumour_topic": 2, "rumour_value": 150}, [market(Side.BUY, 5)]),
        ({"belief": 0}, [100, 100], {"rumour_strength": 1_000_000, "rumour_topic": 2, "rumour_value": 150}, []),
        ({"belief": 1}, [100, 100], {"rumour_strength": 20_000, "rumour_topic": 2, "rumour_value": 150}, []),
        ({"belief": 1}, [100, 100], {"rumour_strength": 1_000_000, "rumour_topic": 1, "rumour_value": 150}, []),
    ],
)
def test_a_speculator_trades_on_what_it_expects(
    parameters: dict[str, float], prices: list[int], fields: dict[str, Any], expected: list[Any]
) -> None:
    assert decide("speculator", {**SPECULATOR, **parameters}, prices=prices, **fields)[0] == expected


def test_a_speculator_tells_what_it_expects_when_it_buys() -> None:
    talkative = {**SPECULATOR, "talk": 1}
    assert beyond("speculator", talkative, example_view(prices=[110, 100])) == [act(Act.WHISPER, price=2, size=105)]
    assert beyond("speculator", talkative, example_view(prices=[100, 110])) == []


REGULATOR: dict[str, Any] = {
    "position": 50,
    "ratio": 4,
    "orders": 20,
    "fine": 1000,
    "suspension": 30,
    "looks": 10,
    "move": 0.1,
    "window": 2,
    "pause": 6,
}


@pytest.mark.parametrize(
    ("public", "parameters", "expected"),
    [
        ({"position": 50}, {}, []),
        ({"position": 51}, {}, [act(Act.FINE, 3, side=Rule.POSITION, price=51, size=50, more=1000)]),
        ({"position": -80}, {}, [act(Act.FINE, 3, side=Rule.POSITION, price=80, size=50, more=1000)]),
        ({"position": 80}, {"fine": 0}, [act(Act.WARN, 3, side=Rule.POSITION, price=80, size=50)]),
        ({"position": 80, "fined": 2999}, {}, [act(Act.FINE, 3, side=Rule.POSITION, price=80, size=50, more=1000)]),
        ({"position": 80, "fined": 3000}, {}, [act(Act.SUSPEND, 3, side=Rule.POSITION, price=80, size=50, most=30)]),
        ({"position": 80, "fined": 3000}, {"suspension": 0}, [act(Act.FINE, 3, side=Rule.POSITION, price=80, size=50, more=1000)]),
        ({"position": 80, "suspended_until": 9}, {}, []),
        ({"orders": 25, "trades": 5}, {}, [act(Act.FINE, 3, side=Rule.ORDER_TO_TRADE, price=5, size=4, more=1000)]),
        ({"orders": 24, "trades": 5}, {}, []),
        ({"orders": 19}, {}, []),
        ({"orders": 20}, {}, [act(Act.FINE, 3, side=Rule.ORDER_TO_TRADE, price=20, size=4, more=1000)]),
    ],
)
def test_a_regulator_punishes_by_its_rules(public: dict[str, int], parameters: dict[str, int], expected: list[Any]) -> None:
    view = example_view()
    for name, value in public.items():
        view.around.publics[name][3] = value
    assert asked("regulator", {**REGULATOR, **parameters}, view) == expected


def test_a_regulator_looks_at_some_each_time_and_never_at_itself() -> None:
    view = example_view(agent=2)
    view.around.publics["position"] = 80
    seen = [[row[5] for row in asked("regulator", {**REGULATOR, "looks": 4}, view)] for _ in range(3)]
    assert seen == [[0, 1, 3], [4, 5, 6, 7], [8, 9, 0, 1]]


def test_a_regulator_stops_a_wild_market_and_lets_it_go_on_after_a_pause() -> None:
    view = example_view(prices=[100, 100, 100, 111])
    assert asked("regulator", REGULATOR, view) == [act(Act.HALT_TRADING, side=Rule.CIRCUIT_BREAKER, price=110_000, size=100_000)]
    view.market["halted"] = 1
    for step, expected in ((8, []), (9, [act(Act.RESUME_TRADING)]), (10, [])):  # halted at step 3, for 6
        view.market["step"] = step
        assert asked("regulator", REGULATOR, view) == expected
    assert asked("regulator", REGULATOR, example_view(prices=[100, 100, 100, 110])) == []
    assert asked("regulator", REGULATOR, example_view(prices=[100, 111])) == []  # the market has just begun
    assert asked("regulator", REGULATOR, example_view(prices=[100, 100, 100, 111], halted=1, step=50)) == []  # halted by somebody else


def test_a_mediator_proposes_a_share_of_the_claim_and_moves_to_a_half_where_that_earns_nothing() -> None:
    mediator = {"first": 0.8, "step": 0.5}
    view = example_view(paid=0)
    proposals = []
    for deal, paid in ((1, 0), (2, 0), (3, -50), (4, -50)):
        view.party["paid"] = paid
        with_letter(with_deal(view, deal, state=DealState.DISPUTED, claim=1000), MessageKind.DEAL, DealStep.DISPUTED, deal)
        proposals += beyond("mediator", mediator, view)
    assert proposals == [act(Act.SETTLE, deal, size=size) for deal, size in ((1, 800), (2, 650), (3, 650), (4, 575))]
    assert beyond("mediator", mediator, view) == []


def test_a_mediator_reads_of_disputes_only() -> None:
    view = with_letter(with_deal(example_view(), claim=1000), MessageKind.DEAL, DealStep.OFFERED, 1)
    with_letter(view, MessageKind.GOSSIP, DealStep.DISPUTED, 1)
    with_letter(view, MessageKind.DEAL, DealStep.DISPUTED, 11)  # a deal that is over
    assert asked("mediator", {}, view) == []


def linked_view(
    here: tuple[int, int], there: tuple[int, int], inventory: int = 0, other: dict[str, int] | None = None, **fields: Any
) -> View:
    """A view of one half of a pair of linked agents, with best bid and ask in both books."""
    view = example_view(partner=1, best_bid=here[0], best_ask=here[1], inventory=inventory, **fields)
    markets = np.zeros(2, MARKET)
    markets[0] = view.around.markets[0]
    markets[1]["best_bid"], markets[1]["best_ask"], markets[1]["bid_size"], markets[1]["ask_size"] = *there, 4, 3
    account = view.around.agents[1]
    account["symbol"], account["position_limit"], account["short_limit"] = 1, 1000, 1000
    for name, value in (other or {}).items():
        (markets[1:] if name == "halted" else view.around.agents[1:2])[name] = value
    return View(view.market, view.own, view.orders.rows, view.around._replace(markets=markets))


@pytest.mark.parametrize(
    ("here", "there", "fields", "expected"),
    [
        ((99, 101), (105, 106), {}, [(Side.BUY, 4)]),  # four are bid for there
        ((99, 101), (104, 106), {}, []),
        ((109, 111), (104, 105), {}, [(Side.SELL, 3)]),
        ((109, 111), (104, 106), {}, []),
        ((99, 101), (0, 106), {}, []),
        ((99, 101), (105, 106), {"ask_size": 2}, [(Side.BUY, 2)]),
        ((99, 101), (105, 106), {"other": {"short_limit": 1}}, [(Side.BUY, 1)]),
        ((99, 101), (105, 106), {"position_limit": 0}, []),
        ((99, 101), (105, 106), {"halted": 1}, []),
        ((99, 101), (105, 106), {"other": {"halted": 1}}, []),
        ((99, 101), (105, 106), {"step": 1}, []),  # it looks every second step
        ((99, 101), (105, 106), {"partner": -1}, []),
        ((99, 101), (100, 102), {"inventory": 3}, [(Side.SELL, 3)]),  # the other half bought nothing
        ((99, 101), (100, 102), {"inventory": 9, "other": {"inventory": -2}}, [(Side.SELL, 5)]),
        ((99, 101), (100, 102), {"inventory": -3}, [(Side.BUY, 3)]),
        ((99, 101), (100, 102), {"inventory": -2, "other": {"inventory": 4}}, []),  # the other half has the lots to spare
        ((99, 101), (105, 106), {"inventory": 2, "other": {"inventory": -2}}, [(Side.BUY, 4)]),
    ],
)
def test_linked_arbitrage_does_its_half(here: tuple[int, int], there: tuple[int, int], fields: dict[str, Any], expected: list[Any]) -> None:
    trader, commands = make_trader("linked_arbitrage", {"threshold": 3, "size": 5, "every": 2}), Commands()
    overridden = {"partner": fields["partner"]} if "partner" in fields else {}
    view = linked_view(here, there, **{name: value for name, value in fields.items() if name != "partner"})
    view.own["parameters"][:3] = trader.parameters
    for name, value in overridden.items():
        view.own[name] = value
    trader.act(view, commands)
    assert commands.placed() == [market(side, size) for side, size in expected]
