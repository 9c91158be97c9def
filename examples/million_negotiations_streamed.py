"""A million negotiations through the whole flow: published to Kafka turn by turn, streamed into Delta tables, counted there, compared.

The negotiations are those of million_negotiations.py; another number of them is an argument. Each world holds a hundred thousand, and
each turn is an event of market.negotiations. It uses the local broker, which it starts if none runs, or that of AGORA_BROKER.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from pipelines.broker.kafka_log import KafkaLog
from pipelines.events.block import Head
from pipelines.events.codec import encode, seal
from pipelines.events.declarations import NEGOTIATIONS, WORLDS
from pipelines.kafka_access import Principal
from pipelines.local_stack import stack
from pipelines.ports import EventLog
from pipelines.settings import settings
from pipelines.workers.broker_set_up import set_up_broker
from pipelines.workers.command import agora
from pipelines.workers.own_sequence import OwnSequence
from pipelines.workers.registry import new_run_id
from simulator.bargaining.draws import begin
from simulator.bargaining.negotiators.registry import make_negotiator
from simulator.bargaining.playing import Match, choose_rows
from simulator.bargaining.protocol import Rows, step_rows
from simulator.bargaining.rules import Outcome, Rules
from simulator.types import DealStep, Protocol, Side

RULES = Rules(offers=20, answer_last=True)
OF_A_WORLD, OF_A_BLOCK = 100_000, 8192
STEP_NS = 100_000_000
SIDES = np.array([Side.SELL, Side.BUY])  # of the supplier, of the retailer
HAPPENED = np.array([DealStep.COUNTERED, DealStep.AGREED, DealStep.WALKED_AWAY, DealStep.EXPIRED])  # by Outcome after the turn
QUESTION = """
    SELECT outcome, count(*) AS negotiations, sum(rounds)::BIGINT AS rounds, coalesce(sum(price), 0)::BIGINT AS prices,
           avg(first_share) AS share
    FROM gold.negotiations WHERE run_id = '{}' GROUP BY outcome ORDER BY outcome"""


def turns(match: Match, rows: Rows) -> Iterator[Mapping[str, Any]]:
    """Play negotiations to their ends, all of them turn by turn, and give what happened in each turn as columns of the event type."""
    kinds, prices, worth = np.zeros(len(rows), np.int64), np.zeros(len(rows)), np.zeros((len(rows), 2))
    step = 0
    while len(running := np.flatnonzero(rows["outcome"] == Outcome.RUNNING)):
        party = rows["turn"][running]
        choose_rows(match.codes, match.game, rows, match.numbers, kinds, prices)
        step_rows(match.game, rows, kinds, prices, worth)
        happened = HAPPENED[rows["outcome"][running]]
        yield {
            "step": np.full(len(running), step), "deal_id": running, "protocol": np.full(len(running), Protocol.BILATERAL),
            "kind": np.full(len(running), DealStep.OFFERED) if step == 0 else happened, "symbol": np.zeros(len(running), np.int64),
            "party": party, "counterparty": 1 - party, "side": SIDES[party], "price": ticks(rows["price"][running]),
            "lots": np.ones(len(running), np.int64), "round": rows["offers"][running], "amount": np.zeros(len(running), np.int64),
        }  # fmt: skip
        step += 1


def ticks(price: Any) -> Any:
    """Prices as events have them, in whole numbers."""
    return np.rint(price).astype(np.int64)


def publish(log: EventLog, run_id: str, world_id: int, rows: Rows) -> int:
    """Play the negotiations of a world and send every turn, in blocks that follow each other; how many turns there were."""
    match, seq = Match(RULES, make_negotiator("boulware"), make_negotiator("linear")), 0
    start_ns = int(datetime.now(UTC).timestamp()) * 1_000_000_000
    name = {"step": 0, "start_ns": start_ns, "step_ns": STEP_NS, "kind": "symbol", "id": 0, "name": "GOODS"}
    log.send(OwnSequence(WORLDS, run_id, world_id, epoch=1).block([name]))
    for columns in turns(match, rows):
        for first in range(0, len(columns["step"]), OF_A_BLOCK):
            block = {name: column[first : first + OF_A_BLOCK] for name, column in columns.items()}
            count = len(block["step"])
            head = Head(run_id, world_id, 1, seq - 1, seq, seq + count - 1, count)
            log.send(seal(NEGOTIATIONS, head, encode(NEGOTIATIONS, head, {"seq": np.arange(seq, seq + count), **block})))
            seq += count
    return seq


def tallied(rows: Rows) -> dict[int, tuple[int, int, int]]:
    """How negotiations ended, in the words of the table: outcome -> negotiations, rounds, prices of deals."""
    ends, prices = HAPPENED[rows["outcome"]], ticks(rows["price"]) * (rows["outcome"] == Outcome.DEAL)
    return {
        int(end): (int((ends == end).sum()), int(rows["offers"][ends == end].sum()), int(prices[ends == end].sum()))
        for end in np.unique(ends)
    }


def told(*words: str) -> Any:
    """What a command of ours prints with --json."""
    return json.loads(subprocess.run(agora(*words, "--json"), stdout=subprocess.PIPE, text=True, check=True).stdout)


def compare(answer: list[list[Any]], rows: Rows) -> None:
    """Print what gold.negotiations holds. Raises SystemExit if that is anything else than what was played."""
    for outcome, number, rounds, prices, share in answer:
        print(f"{DealStep(outcome).name.lower():>12}  {number:>9,}  {rounds / number:5.2f} rounds  {prices / number:9,.1f} mean price")
        print(f"{'':>12}  share of the way between the opening prices that the supplier got: {share or 0:.3f}")
    if {outcome: (number, rounds, prices) for outcome, number, rounds, prices, _ in answer} != tallied(rows):
        sys.exit(f"error: the tables hold something else than what was played: {tallied(rows)}")


def main(count: int = 1_000_000) -> None:
    """Play, publish, stream, ask, compare. Raises SystemExit if the tables hold anything else than what was played."""
    chosen, run_id, began = settings(), new_run_id(datetime.now(UTC)), time.monotonic()
    rows = begin(RULES, seed=1, count=count)
    with stack.running(chosen):
        set_up_broker(chosen)
        log = KafkaLog(stack.broker(chosen, Principal.WORKER))
        worlds = [rows[first : first + OF_A_WORLD] for first in range(0, count, OF_A_WORLD)]
        events = sum(publish(log, run_id, world_id, part) for world_id, part in enumerate(worlds))
        log.flush()
        log.close()
        published = time.monotonic()
        told("stream", "--once")
    streamed = time.monotonic()
    print(f"{events:,} turns of {count:,} negotiations published in {published - began:.1f} s")
    print(f"in the tables {streamed - published:.1f} s later; gold.negotiations says:")
    compare(told("sql", "--engine", "duckdb", QUESTION.format(run_id))["rows"], rows)
    print(f"the tables hold what was played: SELECT * FROM gold.negotiations WHERE run_id = '{run_id}'")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
