"""What a trader may look up beyond its own market and account: others' public facts, its letters, deals, alliances and partners.

Each function takes the view and works in Python and in compiled traders alike. The rows that they return are read like a view.
"""

from __future__ import annotations

from typing import Any

from simulator.world.jit import both_ways, compiled_form
from simulator.world.layout import MARKET, OWN
from simulator.world.party_rows import (
    ALLIANCE,
    DEAL,
    LETTER,
    LETTERS,
    MECHANISMS,
    MILLION,
    PARTNERS,
    PLACES,
    PUBLIC,
    TRUST,
)
from simulator.world.view_type import row_in

_place_at, _public_at, _letter_at, _deal_at = row_in(PLACES), row_in(PUBLIC), row_in(LETTER), row_in(DEAL)
_trust_at, _market_at, _own_at, _mechanisms_at = row_in(TRUST), row_in(MARKET), row_in(OWN), row_in(MECHANISMS)
_alliance_at = row_in(ALLIANCE)


class Fields:
    """A row of a table, whose fields are read as Python numbers."""

    __slots__ = ("_row",)

    def __init__(self, row: Any) -> None:
        """Look at a row without copying."""
        self._row = row

    def __getattr__(self, name: str) -> Any:
        """Return a field as a number, or an array of them."""
        value = self._row[name]
        return value if value.ndim else value.item()


def public_of(view: Any, agent: int) -> Any:
    """Return what everybody may know of an agent (PUBLIC): position, orders, trades, fines, alliance, and how it kept its word."""
    return Fields(view.around.publics[int(agent)])


@compiled_form(public_of)
def _public_of(view: Any, agent: int) -> Any:
    return _public_at(_place_at(view.party.places, 0).publics, int(agent))


def letter_of(view: Any, number: int) -> Any:
    """Return a letter that the agent received (LETTER); the last is number view.letters - 1, and eight are kept."""
    return Fields(view.around.letters[view.agent * LETTERS + int(number) % LETTERS])


@compiled_form(letter_of)
def _letter_of(view: Any, number: int) -> Any:
    return _letter_at(_place_at(view.party.places, 0).letters, view.agent * LETTERS + int(number) % LETTERS)


def deal_of(view: Any, deal: int) -> Any:
    """Return a deal outside the book (DEAL) by its id; it is over, and the row another's, where `.id` differs."""
    return Fields(view.around.deals[int(deal) % len(view.around.deals)])


@compiled_form(deal_of)
def _deal_of(view: Any, deal: int) -> Any:
    places = _place_at(view.party.places, 0)
    return _deal_at(places.deals, int(deal) % places.deal_rows)


def trust_row(view: Any, agent: int) -> Any:
    """Return what the agent remembers of another one (TRUST), or of somebody else in its place."""
    return Fields(view.around.trust[view.agent * PARTNERS + int(agent) % PARTNERS])


@compiled_form(trust_row)
def _trust_row(view: Any, agent: int) -> Any:
    return _trust_at(_place_at(view.party.places, 0).trust, view.agent * PARTNERS + int(agent) % PARTNERS)


def partner_market(view: Any) -> Any:
    """Return the market (MARKET) of the same owner's next agent; for linked agents only."""
    return Fields(view.around.markets[view.around.agents[view.partner]["symbol"]])


@compiled_form(partner_market)
def _partner_market(view: Any) -> Any:
    places = _place_at(view.party.places, 0)
    return _market_at(places.markets, _own_at(places.agents, view.partner).symbol)


def partner_account(view: Any) -> Any:
    """Return the account (OWN) of the same owner's next agent; for linked agents only."""
    return Fields(view.around.agents[view.partner])


@compiled_form(partner_account)
def _partner_account(view: Any) -> Any:
    return _own_at(_place_at(view.party.places, 0).agents, view.partner)


def mechanisms(view: Any) -> Any:
    """Return what the scenario switches on (MECHANISMS)."""
    return Fields(view.around.mechanisms[0])


@compiled_form(mechanisms)
def _mechanisms(view: Any) -> Any:
    return _mechanisms_at(_place_at(view.party.places, 0).mechanisms, 0)


def alliance_of(view: Any, alliance: int) -> Any:
    """Return an alliance (ALLIANCE) by its number."""
    return Fields(view.around.alliances[int(alliance)])


@compiled_form(alliance_of)
def _alliance_of(view: Any, alliance: int) -> Any:
    return _alliance_at(_place_at(view.party.places, 0).alliances, int(alliance))


@both_ways
def reputation_of(view: Any, agent: int) -> float:
    """Return the chance that an agent keeps its word, by the evidence of all, in 0..1; a half where nothing is known."""
    known = public_of(view, agent)
    return (known.good + MILLION) / (known.good + known.bad + 2.0 * MILLION)  # type: ignore[no-any-return]


@both_ways
def trust_in(view: Any, agent: int) -> float:
    """Return the same by what the agent itself and all others saw, its own experience counted twice more."""
    known, own = public_of(view, agent), trust_row(view, agent)
    good, bad = known.good, known.bad
    if own.partner == agent:
        good += 2 * own.good
        bad += 2 * own.bad
    return (good + MILLION) / (good + bad + 2.0 * MILLION)  # type: ignore[no-any-return]
