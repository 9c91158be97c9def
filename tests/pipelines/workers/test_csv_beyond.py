"""What happens beside trading as CSV rows: literal records in, words and currency out; only what a market has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pipelines.workers.csv_beyond import COLUMNS, tables
from pipelines.workers.csv_log import CsvLog
from pipelines.workers.display import Display
from pipelines.workers.opening import beyond_files
from simulator.types import RECORD, DealStep, InterventionKind, MessageKind, Protocol, RecordKind, Rule
from simulator.world.scenario_files import load

DISPLAY = Display(
    agents=["Buyer_01", "Seller_01"],
    symbols=["GRAIN"],
    tick_values=[0.01],
    trades=np.zeros(2, np.int64),
    cash=np.array([1000, 2000]),
    inventory=np.zeros((2, 1), np.int64),
    prices=np.array([10000]),
    beyond=tuple(COLUMNS),
)


def rows(*found: dict[str, Any]) -> Any:
    records = np.zeros(len(found), RECORD)
    for record, fields in zip(records, found, strict=True):
        for name, value in fields.items():
            record[name] = value
    return records


LOG = rows(
    {"kind": RecordKind.RESOURCE, "step": 19, "owner": 1, "price": 3, "size": 2, "remaining": 1, "other_owner": 4, "order_id": 150,
     "other_id": 250, "reason": 97},
    {"kind": RecordKind.NEGOTIATION, "step": 20, "owner": 1, "other_owner": -1, "side": 1, "reason": DealStep.OPENED,
     "time_in_force": Protocol.DUTCH, "price": 9900, "size": 5, "remaining": 0, "order_id": 7, "other_id": 9000},
    {"kind": RecordKind.INTERVENTION, "step": 21, "owner": -1, "other_owner": 0, "reason": InterventionKind.FINED,
     "time_in_force": Rule.POSITION, "price": 80, "size": 50, "order_id": 10_000},
    {"kind": RecordKind.ACCOUNT, "step": 21, "owner": 0, "price": 500_000, "other_owner": -1},
    {"kind": RecordKind.MESSAGE, "step": 22, "owner": 0, "other_owner": 1, "reason": MessageKind.GOSSIP, "price": 2, "size": 1,
     "remaining": 800_000, "order_id": 5100, "other_id": 0},
    {"kind": RecordKind.MESSAGE, "step": 22, "owner": 0, "other_owner": 1, "reason": 77},
)  # fmt: skip


def test_records_become_rows_in_words_and_currency() -> None:
    found = {name: table.to_pylist() for name, table in tables(LOG, DISPLAY).items()}
    assert list(found["resources"][0].values()) == [19, "Seller_01", "GRAIN", 3, 2, 1, 4, 1.5, 2.5, 0.97]
    assert list(found["negotiations"][0].values()) == [
        20, 7, "dutch", "opened", "GRAIN", "Seller_01", None, "sell", 99.0, 5, 0, 9000,
    ]  # fmt: skip
    assert list(found["interventions"][0].values()) == [21, "fined", "position", "GRAIN", None, "Buyer_01", 80, 50, 100.0, 0]
    assert list(found["standing"][0].values()) == [21, "Buyer_01", 0.5, -1]
    assert list(found["messages"][0].values()) == [22, "gossip", "Buyer_01", "Seller_01", 2, 1, 800_000, 5100, 0]
    assert found["messages"][1]["kind"] == "77"


def test_nothing_is_written_of_what_a_display_does_not_want(tmp_path: Path) -> None:
    quiet = Display(**{**vars(DISPLAY), "beyond": ("resources",)})
    assert set(tables(LOG, quiet)) == {"resources"}
    csv = CsvLog(tmp_path, quiet)
    csv.write(0, LOG, 22)
    csv.close(23)
    assert (tmp_path / "resources.csv").read_text().splitlines() == [
        ",".join(COLUMNS["resources"]), "19,Seller_01,GRAIN,3,2,1,4,1.5,2.5,0.97",
    ]  # fmt: skip
    assert not (tmp_path / "negotiations.csv").exists()


def test_a_market_has_the_files_of_what_it_switches_on() -> None:
    assert beyond_files(load("trading")) == ()
    assert beyond_files(load("commodity_exchange")) == ("interventions",)
    assert set(beyond_files(load("balanced"))) == set(COLUMNS)
