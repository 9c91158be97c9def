"""`agora bench core`: the book and the world against bourse 0.4, a Rust market simulator with a Python interface.

Both sides get the same order flow in the same process, turn by turn, and what is compared is the processor's time, so that
other work on the machine does not count. Our event log is on: every record is written and taken out.
"""

from __future__ import annotations

import json as json_text
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from pipelines.apps.bench.core_agents import bourse_agents, our_agents
from pipelines.apps.bench.order_flow import Array, order_flow
from simulator.matching import Book
from simulator.types import COMMAND, CommandKind, Side

_LIMIT, _MARKET = int(CommandKind.LIMIT), int(CommandKind.MARKET)
BATCH = 5_000  # commands in one call of the batch interfaces; about the best for both sides
TAKE_EVERY = 4096  # calls between two looks at the log
_BOURSE_HIGHEST_PRICE = 10**6  # bourse's batches know no market orders: a limit that reaches every price


def run(json: bool = False, commands: int = 500_000, repeats: int = 5) -> dict[str, Any]:
    """Compare orders per second in batches and call by call, and agent steps per second, with bourse.

    Examples:  [bold]agora bench core --json[/bold]
    """
    flow = order_flow(commands)
    calls = flow[: commands // 4]
    pairs: dict[str, tuple[Measure, Measure]] = {
        "batch_orders_per_second": (lambda: our_batches(flow), lambda: bourse_batches(flow)),
        "call_orders_per_second": (lambda: our_calls(calls), lambda: bourse_calls(calls)),
        "agent_steps_per_second": (our_agents, bourse_agents),
    }
    result = report({name: in_turns(ours, theirs, repeats) for name, (ours, theirs) in pairs.items()})
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


Measure = Callable[[], tuple[float, dict[str, float]]]
"""Runs once; returns (operations per second of processor time, what happened per operation)."""


def in_turns(ours: Measure, theirs: Measure, repeats: int) -> tuple[list[float], list[float], dict[str, float], dict[str, float]]:
    """Run both in turns, once to warm up and then `repeats` times; return the rates of both and what happened in the last run."""
    rates: tuple[list[float], list[float]] = ([], [])
    for turn in range(repeats + 1):
        (our_rate, our_facts), (their_rate, their_facts) = ours(), theirs()
        if turn > 0:
            rates[0].append(our_rate)
            rates[1].append(their_rate)
    return *rates, our_facts, their_facts


def report(measured: dict[str, tuple[list[float], list[float], dict[str, float], dict[str, float]]]) -> dict[str, Any]:
    """Return medians as `figures` and `peers`; a ratio is the median over turns, each turn's sides having met the same machine."""
    figures: dict[str, float] = {}
    peers: dict[str, float] = {}
    ratios: dict[str, float] = {}
    for name, (ours, theirs, our_facts, their_facts) in measured.items():
        figures[name], peers[f"bourse_{name}"] = round(median(ours)), round(median(theirs))
        ratios[f"bourse_{_RATIO_NAMES[name]}"] = round(median(a / b for a, b in zip(ours, theirs, strict=True)), 2)
        figures |= {f"{_RATIO_NAMES[name]}_{fact}": round(value, 4) for fact, value in our_facts.items()}
        peers |= {f"bourse_{_RATIO_NAMES[name]}_{fact}": round(value, 4) for fact, value in their_facts.items()}
    return {"figures": figures, "peers": peers, "ratios": ratios}


_RATIO_NAMES = {"batch_orders_per_second": "batch", "call_orders_per_second": "call", "agent_steps_per_second": "agents"}


def our_batches(flow: Array) -> tuple[float, dict[str, float]]:
    """Give the flow to a book in batches, taking its records after each."""
    book, records = Book(), 0
    start = time.process_time()
    for begin in range(0, len(flow), BATCH):
        book.submit_all(flow[begin : begin + BATCH])
        records += len(book.take_records(copy=False))
    seconds = time.process_time() - start
    return len(flow) / seconds, {"trades_per_order": book.state().trades / len(flow), "records_per_order": records / len(flow)}


def bourse_batches(flow: Array) -> tuple[float, dict[str, float]]:
    """Give the flow to bourse's environment in batches of instructions, one step each."""
    import bourse

    buys = flow["side"] == Side.BUY
    market = flow["kind"] == CommandKind.MARKET
    columns = (
        np.where(flow["kind"] == CommandKind.CANCEL, 2, 1).astype(np.uint32),
        buys,
        flow["size"].astype(np.uint32),
        flow["owner"].astype(np.uint32),
        np.where(market, np.where(buys, _BOURSE_HIGHEST_PRICE, 1), flow["price"]).astype(np.uint32),
        flow["order_id"].astype(np.uint64),
    )
    environment = bourse.core.StepEnvNumpy(1, 0, 1, BATCH)
    start = time.process_time()
    for begin in range(0, len(flow), BATCH):
        environment.submit_instructions(tuple(column[begin : begin + BATCH] for column in columns))
        environment.step()
    seconds = time.process_time() - start
    return len(flow) / seconds, {"trades_per_order": len(environment.get_trades()) / len(flow)}


def our_calls(flow: Array) -> tuple[float, dict[str, float]]:
    """Give the flow to a book with one Python call per command."""
    book, rows = Book(), flow[list(COMMAND.names or ())].tolist()
    start = time.process_time()
    for begin in range(0, len(rows), TAKE_EVERY):
        for kind, side, _, price, size, order_id, owner in rows[begin : begin + TAKE_EVERY]:
            if kind == _LIMIT:
                book.place(side, price, size, order_id, owner)
            elif kind == _MARKET:
                book.market(side, size, order_id, owner)
            else:
                book.cancel(order_id)
        book.take_records(copy=False)
    seconds = time.process_time() - start
    return len(flow) / seconds, {"trades_per_order": book.state().trades / len(flow)}


def bourse_calls(flow: Array) -> tuple[float, dict[str, float]]:
    """Give the flow to bourse's book with one Python call per command, and one to move its clock: it loses orders of one instant."""
    import bourse

    book, rows = bourse.core.OrderBook(0, True), flow[list(COMMAND.names or ())].tolist()
    start = time.process_time()
    for instant, (kind, side, _, price, size, order_id, owner) in enumerate(rows):
        book.set_time(instant)
        if kind == _LIMIT:
            book.place_order(side == 0, size, owner, price)
        elif kind == _MARKET:
            book.place_order(side == 0, size, owner)
        else:
            book.cancel_order(order_id)
    seconds = time.process_time() - start
    return len(flow) / seconds, {"trades_per_order": len(book.get_trades()) / len(flow)}
