"""The rows of what agents are beyond the book: roles and stocks, letters, deals, alliances, what is public of each.

Every field is 8 bytes wide, as in layout.py. Shares, qualities and reputations are millionths.
"""

from __future__ import annotations

import numpy as np

MILLION = 1_000_000
LETTERS = 8  # that an agent's mailbox holds, a power of two
PARTNERS = 8  # of whom an agent remembers how they kept their word, a power of two
MEMBERS = 8  # most of an alliance
WHEEL = 1024  # steps ahead for which something may be due, a power of two

PARTY = np.dtype(
    [
        ("random", "u8"),  # state of the stream for what the world draws for it
        ("places", "u8"),  # where the row of PLACES lies
        ("role", "i8"),  # Role
        ("asked", "f8"),  # its activity, to be restored after a suspension
        ("knows", "i8"),  # 1 if it may see the fundamental value by itself
        # resources
        ("makes", "f8"),  # lots it can produce in a period
        ("cost", "i8"),  # of producing a lot, in ticks
        ("grade", "i8"),  # quality of what it produces
        ("left", "i8"),  # lots it may still produce
        ("uses", "f8"),  # lots it wants to consume in a period
        ("worth", "i8"),  # of consuming a lot of full quality, in ticks
        ("penalty", "i8"),  # for a lot wanted and lacking, in ticks
        ("quality", "i8"),  # sum over its lots
        ("owed", "i8"),  # lots that perished under resting offers, to be taken off as soon as they are free
        ("due_lots", "i8"),  # that it has to deliver by contract
        ("escrow", "i8"),  # lots up for auction
        ("escrow_quality", "i8"),  # sum over them
        ("produced", "i8"),  # lots since the start, like the next ones
        ("consumed", "i8"),
        ("perished", "i8"),
        ("lacked", "i8"),
        ("spent", "i8"),  # on production, storage and shortage, in ticks x lots
        ("earned", "i8"),  # by consumption
        ("fines", "i8"),  # paid
        ("paid", "i8"),  # to others by contract, auction, settlement; negative if received
        # talk, deals and alliances
        ("deals", "i8"),  # open ones that it began
        ("invited", "i8"),  # alliance into which it was invited last, -1 without
        ("fee_mark", "i8"),  # fees it had paid when its alliance last shared
        ("shared", "i8"),  # received from alliances, in ticks x lots
        ("part", "i8"),  # of what was divided last
        ("rumour_topic", "i8"),
        ("rumour_value", "i8"),
        ("rumour_strength", "i8"),  # 0 when it knows none
        ("rumour_hops", "i8"),  # from where it began
        ("rumour_origin", "i8"),
    ],
    align=True,
)
"""One agent beyond its account: its own business, which others do not see."""

PUBLIC = np.dtype(
    [
        ("good", "i8"),  # evidence that it keeps its word, in millionths of a case, fading
        ("bad", "i8"),
        ("position", "i8"),  # lots, as of its last account record; where there is oversight, like the next two
        ("orders", "i8"),  # orders that it placed, changed or withdrew lately
        ("trades", "i8"),  # fills it had lately
        ("fined", "i8"),  # ticks x lots so far
        ("suspended_until", "i8"),  # step; 0 if it is not suspended
        ("allied", "i8"),  # its alliance, -1 without
        ("symbol", "i8"),  # what it trades
    ],
    align=True,
)
"""What everybody may know of an agent."""

LETTER = np.dtype(
    [
        ("step", "i8"),
        ("sender", "i8"),
        ("topic", "i8"),
        ("kind", "i8"),  # MessageKind, or the sender's own
        ("value_1", "i8"),
        ("value_2", "i8"),
        ("value_3", "i8"),
        ("value_4", "i8"),
    ],
    align=True,
)
"""One letter. Of a deal (kind DEAL): value_1 is the DealStep, value_2 the round, value_3 the deal's id, value_4 the price or amount."""

TRUST = np.dtype([("partner", "i8"), ("good", "i8"), ("bad", "i8"), ("unused", "i8")], align=True)
"""How one partner kept its word to an agent."""

DEAL = np.dtype(
    [
        ("id", "i8"),
        ("state", "i8"),  # DealState
        ("protocol", "i8"),
        ("first", "i8"),  # who began it; of an auction the seller
        ("second", "i8"),  # the other one; of an auction who leads, -1 nobody
        ("symbol", "i8"),
        ("side", "i8"),  # of `first`
        ("price", "i8"),  # on the table
        ("lots", "i8"),
        ("round", "i8"),  # offers so far
        ("turn", "i8"),  # whose answer it waits for
        ("delay", "i8"),  # steps from agreement to delivery; of a Dutch auction between two prices
        ("due", "i8"),  # step at which it ends by itself, or is delivered
        ("ends", "i8"),  # of an auction, the last step of bidding
        ("promised", "i8"),  # quality
        ("reserve", "i8"),  # lowest price of an auction
        ("breaker", "i8"),  # who broke it
        ("claim", "i8"),  # what the other one lost by that, in ticks x lots
        ("mediator", "i8"),
        ("amount", "i8"),  # that the mediator proposes, -1 before
        ("assents", "i8"),  # bits: 1 `first`, 2 `second` agree to the amount
        ("ratings", "i8"),  # bits: who has rated
        ("next", "i8"),  # row that is due at the same step, -1 the last
        ("slot", "i8"),  # of the wheel, -1 without
    ],
    align=True,
)
"""A deal outside the book: a negotiation, the contract it led to, a dispute over it, or an auction."""

SEALED = np.dtype([("best", "i8"), ("runner_up", "i8"), ("leader", "i8")], align=True)
"""The sealed bids of an auction, which nobody sees before its end: the highest, the second highest, and whose the highest is."""

ALLIANCE = np.dtype([("members", "i8"), ("founder", "i8"), ("member", "i8", (MEMBERS,)), ("excess", "i8"), ("gained", "i8")], align=True)
"""Agents that share what they know and gain; `excess` is by how much some of them together would do better alone, as last shared."""

RESOURCE_STATE = np.dtype(
    [
        ("random", "u8"),
        ("period", "i8"),  # steps from one production to the next, 0 for what is no resource
        ("decay", "f8"),  # share of the stock that perishes in a period
        ("storage", "i8"),  # ticks a lot and period
        ("shock_chance", "f8"),  # of a shortage to begin in a period
        ("shock_end", "f8"),  # of it to end
        ("shock_left", "f8"),  # share of the production that is left in it
        ("short", "i8"),  # 1 during a shortage
        ("season_height", "f8"),
        ("season_turn", "f8"),
        ("season_phase", "f8"),
        ("factor", "f8"),  # by which production is multiplied this time
        ("made", "i8"),  # lots in this period, like the next ones
        ("wanted", "i8"),
        ("lacked", "i8"),
        ("stock", "i8"),
    ],
    align=True,
)
"""What nobody sees of a resource."""

MECHANISMS = np.dtype(
    [
        ("resources", "i8"),  # 1 if any symbol is a resource
        ("deal_limit", "i8"),  # open deals an agent may have begun, 0 without deals
        ("rounds", "i8"),  # offers of a negotiation
        ("patience", "i8"),  # steps for an answer
        ("penalty", "i8"),  # share of a broken contract's value that is claimed
        ("verify", "i8"),  # chance that the quality of a delivery is verified
        ("tolerance", "i8"),  # by which it may lie below the promise
        ("increment", "i8"),  # share by which an English bid must rise, and a Dutch price falls
        ("mediators", "i8"),  # how many there are
        ("mediator_share", "i8"),  # of what a breaker pays
        ("next_deal", "i8"),  # id
        ("next_alliance", "i8"),  # row at which to look for a free one
        ("memory", "i8"),  # share of the evidence on reputation that is kept at each forgetting
        ("forget", "i8"),  # steps between two
        ("alliances", "i8"),  # most members, 0 without alliances
        ("share_every", "i8"),  # steps
        ("rebate", "i8"),  # highest share of the fees that an alliance gets back
        ("full", "i8"),  # fees in a period from which on it is paid in full
        ("gossip", "i8"),  # neighbours of each agent, 0 without gossip
        ("gossip_every", "i8"),  # steps
        ("gossip_chance", "i8"),
        ("gossip_keep", "i8"),  # share of a rumour's strength that is left by a step of time or a hop
        ("gossip_noise", "f8"),  # deviation of what a hop changes in the value, as a share of it
        ("watch", "i8"),  # steps after which counts of orders and trades are halved, 0 where nobody watches
        ("highest_fine", "i8"),
        ("longest_suspension", "i8"),
        ("suspended", "i8"),  # agents in the list of suspended ones
        ("scanned", "i8"),  # seq up to which the log was read for what is public
    ],
    align=True,
)
"""What a scenario switches on, and where the mechanisms stand."""

PLACES = np.dtype([(name, "u8") for name in ("publics", "letters", "deals", "trust", "markets", "agents", "mechanisms", "alliances")]
                  + [("deal_rows", "i8")], align=True)  # fmt: skip
"""Where the tables lie in memory."""

LAYOUTS = (PARTY, PUBLIC, LETTER, TRUST, DEAL, SEALED, ALLIANCE, RESOURCE_STATE, MECHANISMS)
"""Of what a snapshot stores."""
