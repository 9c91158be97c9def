"""The third set of manipulators plays: what they declare is well-formed, and each does what it says of itself."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from simulator.manipulators.manipulator import Manipulator
from simulator.types import DealStep, RecordKind
from simulator.world.commands import BUY, EVERYBODY
from tests.spark_jobs.newcomers import NEWCOMERS
from tests.spark_jobs.newcomers.colluding import CustomerAllocation, QuotaCompensation, Subcontracting
from tests.spark_jobs.newcomers.episode import SALT, A
from tests.spark_jobs.newcomers.playing import among, deals, net, of_kind, played, split, usual, windows_of
from tests.spark_jobs.newcomers.pumping import PUMPING, Pumping
from tests.spark_jobs.newcomers.running import Interposing, StopHunting, Tipping
from tests.spark_jobs.newcomers.vouching import BadMouthing, BallotStuffing, Whitewashing
from tests.spark_jobs.newcomers.washing import MoneyPass, ThroughTheMiddle

KINDS = sorted(NEWCOMERS)
CLASSES = [found for kind in KINDS for found in NEWCOMERS[kind]]


def test_there_are_three_of_each_kind() -> None:
    for kind, classes in NEWCOMERS.items():
        assert len(classes) >= 3
        assert all(issubclass(found, Manipulator) and found.family == kind for found in classes)


@pytest.mark.parametrize("found", CLASSES)
def test_it_declares_episodes_one_after_the_other(found: type[Manipulator]) -> None:
    windows = played(found.family).windows[found.__name__]
    assert len(windows) >= 2
    end = played(found.family).world.step
    assert all(0 <= each.first <= each.last <= end and each.last - each.first < 1000 for each in windows)
    by_agent = defaultdict(list)
    for each in windows:
        for agent in each.agents:
            by_agent[agent].append((each.first, each.last))
    assert all(before[1] <= after[0] for times in by_agent.values() for before, after in pairwise(sorted(times)))


@pytest.mark.parametrize("found", CLASSES)
def test_members_are_named_together(found: type[Manipulator]) -> None:
    """All of them; of front running all but the last, who is the client."""
    end = played(found.family).world.step
    for each in played(found.family).windows[found.__name__]:
        if each.first < end - 30:
            assert each.agents == set(each.members[:-1] if found.family == "front_running" else each.members)


def test_customers_are_called_on_by_one_member_only_and_pay_more() -> None:
    calls = own = agreed = dear = 0
    for each in windows_of(CustomerAllocation):
        offers = deals(each, DealStep.OFFERED)
        offers = offers[np.isin(offers["owner"], each.members) & (offers["step"] > each.first + 20)]
        owners = [CustomerAllocation.owner(each.plan, np.array(each.members), int(row["other_owner"])) for row in offers]
        calls, own = calls + len(offers), own + int((np.array(owners, int) == offers["owner"]).sum())
        signed = deals(each, DealStep.AGREED)
        signed = signed[np.isin(signed["other_owner"], each.members) | np.isin(signed["owner"], each.members)]
        signed = signed[signed["step"] > each.first + 20]
        agreed, dear = agreed + len(signed), dear + int((signed["price"] > usual(each, signed)).sum())
    assert calls > 50 and own > 0.95 * calls
    assert agreed > 10 and dear > 0.7 * agreed


def test_whose_turn_it_is_wins_and_passes_on() -> None:
    won = meant = passed = 0
    for each in windows_of(Subcontracting):
        sold = deals(each, DealStep.SOLD)
        for row in sold[np.isin(sold["other_owner"], each.members) & (sold["step"] > each.first + 70)]:
            won += 1
            meant += Subcontracting.winner(each.plan, np.array(each.members), int(row["step"])) == row["other_owner"]
        passed += len(among(each, deals(each, DealStep.DELIVERED)))
    assert won > 5 and meant > 0.5 * won
    assert passed > 5


def test_quotas_are_reported_and_made_good() -> None:
    for each in windows_of(QuotaCompensation):
        letters = among(each, of_kind(each, RecordKind.MESSAGE))
        assert set(letters["owner"].tolist()) == set(each.members) or each.last - each.first < 120
    bought = np.concatenate([among(each, deals(each, DealStep.OFFERED)) for each in windows_of(QuotaCompensation)])
    assert len(bought) > 3 and (bought["side"] == BUY).all()


@pytest.mark.parametrize("found", NEWCOMERS.get("front_running", ()))
def test_the_client_is_run_ahead_of(found: type[Manipulator]) -> None:
    """Those who know are on its side before it trades, and then get out again, with the client for a part."""
    ahead = behind = against = 0
    for each in windows_of(found):
        *knowing, client = each.members
        side = each.plan[A]
        before, after = split(each, [client], side)
        ahead, behind = ahead + net(before, knowing, side), behind + net(after, knowing, side)
        with_client = after[np.isin(after["owner"], each.members) & np.isin(after["other_owner"], each.members)]
        against += net(with_client, [client], side)
        assert client not in each.agents
    assert ahead > 20 and behind < -0.5 * ahead
    assert against > 0.05 * ahead or found is Tipping


def test_the_insider_writes_and_trades_nothing() -> None:
    for each in windows_of(Tipping):
        insider, *told, _client = each.members
        letters = of_kind(each, RecordKind.MESSAGE)
        assert set(told) <= set(letters["other_owner"][letters["owner"] == insider].tolist())
        trades = of_kind(each, RecordKind.TRADE)
        assert not np.isin(insider, trades[["owner", "other_owner"]].tolist() or [-1])


def test_the_specialist_stands_between_and_stops_are_reached() -> None:
    sold = [net(among(each, of_kind(each, RecordKind.TRADE)), each.members[1:], each.plan[A]) for each in windows_of(Interposing)]
    assert all(lots >= 0 for lots in sold) and sum(sold) > 15
    assert sum(net(of_kind(each, RecordKind.TRADE), each.members[-1:], each.plan[A]) > 20 for each in windows_of(StopHunting)) >= 2


def test_names_deal_with_each_other_and_praise() -> None:
    """The front is praised by the others alone; names to be used praise each other, and not the one in use."""
    for found in (BallotStuffing, Whitewashing):
        rated = [(each, among(each, deals(each, DealStep.RATED))) for each in windows_of(found)]
        assert sum(len(among(each, deals(each, DealStep.AGREED))) for each, _rows in rated) > 10
        assert sum(len(rows) for _each, rows in rated) > 10
        for each, rows in rated:
            chosen = (BallotStuffing.front if found is BallotStuffing else Whitewashing.face)(each.plan, np.array(each.members))
            assert (rows["other_id"] == 2).all()
            assert (rows["other_owner"] == chosen).all() if found is BallotStuffing else not np.isin(chosen, rows["other_owner"])


def test_the_rival_is_rated_down() -> None:
    bad = 0
    for each in windows_of(BadMouthing):
        rows = deals(each, DealStep.RATED)
        rows = rows[np.isin(rows["owner"], each.members) & (rows["other_id"] == -2)]
        assert set(rows["other_owner"].tolist()) <= {int(each.plan[SALT])}
        bad += len(rows)
    assert bad > 10


def test_the_name_in_use_sells_worse_than_it_promised() -> None:
    worse = sold = 0
    for each in windows_of(Whitewashing):
        face = Whitewashing.face(each.plan, np.array(each.members))
        rows = deals(each, DealStep.DELIVERED)
        rows = rows[rows["owner"] == face]
        sold, worse = sold + len(rows), worse + int((rows["other_id"] < 900_000).sum())
    assert sold > 5 and worse > 0.8 * sold


@pytest.mark.parametrize("found", PUMPING)
def test_pumps_gather_talk_and_get_out(found: type[Pumping]) -> None:
    """Before the first word to all they are on one side, what they say is for that side, and afterwards they get out."""
    gathered = left = 0
    for each in windows_of(found):
        words = of_kind(each, RecordKind.MESSAGE)
        words = words[np.isin(words["owner"], each.members) & (words["other_owner"] == EVERYBODY)]
        if each.last - each.first > 250 or each.last < played(found.family).world.step - 5:
            assert len(words) and ((words["order_id"] > 0) == (found.SIDE == BUY)).all()
            trades, first = of_kind(each, RecordKind.TRADE), int(words["step"][0])
            gathered += net(trades[trades["step"] < first], each.members, found.SIDE)
            left += net(trades[trades["step"] >= first + 10], each.members, found.SIDE)
    assert gathered > 100 and left < -0.5 * gathered


@pytest.mark.parametrize("found", NEWCOMERS["wash_trading"])
def test_wash_traders_trade_with_each_other(found: type[Manipulator]) -> None:
    """For most of what they trade in an episode, and they end about where they began."""
    inner = total = 0
    for each in windows_of(found):
        trades = of_kind(each, RecordKind.TRADE)
        mine = trades[np.isin(trades["owner"], each.members) | np.isin(trades["other_owner"], each.members)]
        inner, total = inner + int(among(each, mine)["size"].sum()), total + int(mine["size"].sum())
        assert len(among(each, mine)) or each.last - each.first < 60
    assert inner > 60 and inner > 0.5 * total


def test_blocks_go_through_the_middle() -> None:
    for each in windows_of(ThroughTheMiddle):
        inner = among(each, of_kind(each, RecordKind.TRADE))
        middle = ThroughTheMiddle.middle(each.plan, each.members)
        assert ((inner["owner"] == middle) | (inner["other_owner"] == middle)).mean() > 0.9


def test_money_is_passed_on() -> None:
    """One member buys from the other below the middle of the market and sells to it above."""
    gained = 0.0
    for each in windows_of(MoneyPass):
        inner, ticks = among(each, of_kind(each, RecordKind.TRADE)), of_kind(each, RecordKind.TICK)
        before = ticks[np.maximum(np.searchsorted(ticks["step"], inner["step"]) - 1, 0)]
        over = (inner["price"] - (before["order_id"] + before["other_id"]) / 2) * inner["size"]
        gained += over[inner["other_owner"] == each.members[MoneyPass.gainer(each.plan)]].sum()
        gained -= over[inner["owner"] == each.members[MoneyPass.gainer(each.plan)]].sum()
    assert gained > 50
