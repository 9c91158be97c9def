"""Deals put together from their steps, and what MongoDB's errors mean; the store itself is tested in tests/flow."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo.errors import AutoReconnect, BulkWriteError, OperationFailure

from pipelines.events.vocabulary import DealStep, Protocol, Side
from pipelines.ports import StoreUnavailable
from pipelines.sinks.mongodb_store import connect, errors_of, not_taken
from pipelines.sinks.negotiation_documents import DealKey, OpenDeals, negotiation

S = DealStep
ADDRESS = "mongodb://someone:hidden@host:1/name"


class NoNames:
    """Nothing has a name."""

    def name(self, run_id: str, world_id: int, kind: str, number: int) -> str | None:
        return None


def row(
    seq: int, deal_id: int, kind: DealStep, party: int = 1, counterparty: int = 2, side: Side = Side.BUY, **more: int
) -> dict[str, Any]:
    values = {"protocol": int(Protocol.BILATERAL), "symbol": 0, "price": 10, "lots": 5, "round": 1, "amount": 0} | more
    known = {"run_id": "r", "world_id": 0, "seq": seq, "step": seq, "deal_id": deal_id, "kind": int(kind)}
    return known | {"party": party, "counterparty": counterparty, "side": int(side)} | values


def test_deals_are_given_with_their_steps_when_they_end() -> None:
    deals = OpenDeals()
    assert list(deals.take([row(0, 7, S.OFFERED), row(1, 8, S.OFFERED), row(2, 7, S.COUNTERED)])) == []
    (ended,) = deals.take([row(3, 7, S.AGREED), row(4, 7, S.DELIVERED)])
    assert (ended.key, ended.last_seq) == (DealKey("r", 0, 7), 3)
    assert ended.steps is not None and [step["seq"] for step in ended.steps] == [0, 2, 3]


def test_what_was_not_seen_from_its_beginning_must_be_read_back() -> None:
    (ended,) = OpenDeals().take([row(5, 7, S.COUNTERED), row(6, 7, S.EXPIRED)])
    assert (ended.last_seq, ended.steps) == (6, None)
    forgetful = OpenDeals(limit=2)
    ended_late = list(forgetful.take([row(0, 1, S.OFFERED), row(1, 2, S.OFFERED), row(2, 3, S.OFFERED), row(3, 1, S.EXPIRED)]))
    assert [deal.steps for deal in ended_late] == [None]


def test_an_auction_tells_who_bought_at_which_price() -> None:
    sealed = int(Protocol.SECOND_PRICE)
    steps = [
        row(0, 1, S.OPENED, 4, -1, Side.SELL, protocol=sealed),
        row(1, 1, S.BID, 5, 4, protocol=sealed, price=0, round=1),
        row(2, 1, S.BID, 6, 4, protocol=sealed, price=0, round=2),
        row(3, 1, S.SOLD, 4, 6, Side.SELL, protocol=sealed, price=12, round=2),
    ]
    found = negotiation(DealKey("r", 0, 1), steps, NoNames())
    assert (found["protocol"], found["outcome"], found["seller"], found["buyer"], found["price"]) == ("second_price", "sold", 4, 6, 12)
    assert (found["agents"], found["rounds"], found["_id"]) == ([4, 5, 6], 2, "r/0/1")


def test_what_passes_is_waited_for_and_what_does_not_is_refused() -> None:
    taken_before, refused, full = ({"index": 0, "code": code, "errmsg": "said"} for code in (11000, 121, 14031))
    assert not_taken(BulkWriteError({"writeErrors": [taken_before, refused]})) == [refused]
    for details in ({"writeErrors": [refused, full]}, {"writeErrors": [], "writeConcernErrors": [{"code": 64, "errmsg": "slow"}]}):
        with pytest.raises(AutoReconnect):
            not_taken(BulkWriteError(details))


def test_errors_are_told_apart_and_tell_no_password() -> None:
    for error, wanted in (
        (AutoReconnect("connection closed"), StoreUnavailable),
        (OperationFailure("shutting down", 11600), StoreUnavailable),
        (OperationFailure("bad auth", 18), ValueError),
        (OperationFailure("no such command", 59), OperationFailure),
    ):
        with pytest.raises(wanted) as caught, errors_of(ADDRESS):
            raise error
        assert "hidden" not in str(caught.value)
    with pytest.raises(ValueError, match="no mongodb://"):
        connect("http://someone:hidden@host")
