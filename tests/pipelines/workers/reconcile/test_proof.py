"""agora verify's proof: an honest run passes, and every single kind of damage is found and named."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from deltalake import DeltaTable, write_deltalake

from pipelines.events.from_simulator import BlockRule
from pipelines.events.layout import RECORD_TYPES
from pipelines.ports import StoredRecord
from pipelines.testing import MemoryLog
from pipelines.workers.publish import Publisher
from pipelines.workers.reconcile.lake import Lake
from pipelines.workers.reconcile.report import Line, Sources, compare
from pipelines.workers.reconcile.tally import tally_rows
from pipelines.workers.registry import WorldResult
from pipelines.workers.restart import Life, take_over
from simulator.types import RecordKind
from tests.pipelines.workers.reconcile.lake_of import bronze_rows, write_lake
from tests.pipelines.workers.toy_world import ToyRunWorld, whole_log

RUN, STEPS, WORLDS = "20261121-101500-a1b2", 30, (0, 1)
NAMES = ToyRunWorld(0).names(5)
LABELS = ToyRunWorld(0).labels()


def publish(log: MemoryLog, world_id: int, epoch: int = 1) -> WorldResult:
    world = ToyRunWorld(world_id)
    repetition = take_over(log, RUN, {world_id: Life(epoch, {})})[world_id] if epoch > 1 else None
    sink = Publisher(log, RUN, world_id, epoch, BlockRule(events=6, steps=5), None, repetition)
    sink.announce(NAMES, LABELS)
    for chunk in world.advance(STEPS):
        sink.write(*chunk)
    sink.close(STEPS)
    result = world.result(world_id)
    for event, rows in (("worlds", NAMES), ("labels", LABELS)):
        tally = tally_rows(event, rows)
        result.events[event], result.hashes[event] = tally.count, tally.hash()
    return result


class Stores:
    """A log and the lake made from it."""

    def __init__(self, folder: Path) -> None:
        self.log, self.folder = MemoryLog(), folder
        self.results = [publish(self.log, world_id) for world_id in WORLDS]

    def fill_lake(self) -> None:
        write_lake(self.log, self.folder)

    def lines(self, *stores: str) -> list[Line]:
        sources = Sources(self.log, Lake(self.folder), stores or ("kafka", "bronze", "silver"))
        return list(compare(self.results, RUN, sources, lambda text: None))

    def differences(self, *stores: str) -> str:
        return "\n".join(text for line in self.lines(*stores) for text in line.differences)

    def table(self, name: str) -> DeltaTable:
        return DeltaTable(str(self.folder / name))


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return Stores(tmp_path)


def test_an_honest_run_is_equal_in_every_store(stores: Stores) -> None:
    stores.fill_lake()
    lines = stores.lines()
    assert [line.differences for line in lines] == [[]] * ((len(RECORD_TYPES) + 2) * len(WORLDS))
    orders = next(line for line in lines if line.world_id == 1 and line.event == "orders")
    assert orders.count == int((whole_log(1, STEPS)["kind"] == RecordKind.ACCEPTED).sum()) > 0
    assert {cell.hash for cell in orders.stores.values()} == {orders.hash}


def test_ground_truth_is_looked_for_on_its_topic_only(stores: Stores) -> None:
    stores.fill_lake()
    assert {tuple(line.stores) for line in stores.lines() if line.event == "labels"} == {("kafka",)}
    stores.results[0].hashes["labels"] = "another"
    assert "world 0, labels, kafka" in stores.differences()


def test_quarantined_rows_count_where_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.pipelines.workers import toy_world

    honest = toy_world.step_records

    def with_bad_rows(seed: int, step: int) -> object:
        records = honest(seed, step)
        records["size"][(records["kind"] == RecordKind.ACCEPTED) & (step % 3 == 0)] = -7
        return records

    monkeypatch.setattr(toy_world, "step_records", with_bad_rows)
    stores = Stores(tmp_path)
    stores.fill_lake()
    assert len(stores.table("silver/quarantine").to_pyarrow_table()) > 3
    assert stores.differences() == ""


def test_blocks_that_lie_twice_and_late_ones_of_a_replaced_life_count_once(stores: Stores) -> None:
    first = next(iter(stores.log.read("market.orders", 0))), next(iter(stores.log.read("market.orders", 1)))
    publish(stores.log, 0, epoch=2)
    for record in first:
        send_again(stores.log, record)
    stores.fill_lake()
    assert stores.differences() == ""
    cells = [line.stores["kafka"] for line in stores.lines("kafka") if line.event == "orders"]
    assert sum(cell.duplicates for cell in cells) == 1 and sum(cell.refused for cell in cells) == 1


def send_again(log: MemoryLog, record: StoredRecord) -> None:
    from pipelines.events.block import WireRecord

    log.send(WireRecord(record.topic, record.key, record.value, record.headers))


def test_a_lost_block_is_found_as_a_hole(stores: Stores) -> None:
    kept = stores.log._records["market.trades", 0]
    lost = next(place for place, record in enumerate(kept) if place > 1)
    kept[lost:] = [record._replace(offset=record.offset - 1) for record in kept[lost + 1 :]]
    found = stores.differences("kafka")
    assert "trades, kafka" in found and "wait behind a hole after seq" in found


def test_a_changed_byte_is_found(stores: Stores) -> None:
    kept = stores.log._records["market.ticks", 1]
    kept[2] = kept[2]._replace(value=kept[2].value[:-3] + b"\x01\x01\x01")
    assert "ticks, kafka: 1 records cannot be decoded, the first at offset 2 of market.ticks/1" in stores.differences("kafka")


def test_a_changed_value_in_silver_is_found_by_its_hash(stores: Stores) -> None:
    stores.fill_lake()
    stores.table("silver/trades").update(updates={"price": "price + 1"}, predicate="world_id = 1 and step = 7")
    found = stores.differences("silver")
    assert "world 1, trades, silver: the" in found and "where the simulator's is" in found
    assert "world 0" not in found


def test_a_doubled_and_a_deleted_row_in_silver_are_found(stores: Stores) -> None:
    stores.fill_lake()
    rows = stores.table("silver/orders").to_pyarrow_table().slice(0, 1)
    write_deltalake(str(stores.folder / "silver/orders"), rows, mode="append", partition_by=["run_id"])
    stores.table("silver/agents").delete("world_id = 0 and step = 4")
    found = stores.differences("silver")
    assert "1 rows of silver.orders have the seq of another one" in found
    assert "world 0, agents, silver:" in found and "events where the simulator counted" in found


def test_a_record_missing_from_bronze_is_found(stores: Stores) -> None:
    stores.fill_lake()
    stores.table("bronze/events").delete("topic = 'market.ticks' and \"offset\" = 3")
    assert "ticks, bronze" in stores.differences("bronze")


def test_an_empty_lake_holds_nothing(stores: Stores) -> None:
    assert "world 0, orders, bronze: 0 events where the simulator counted" in stores.differences("bronze")
    assert "world 0, orders, silver: 0 events where the simulator counted" in stores.differences("silver")


def test_bronze_is_counted_in_partition_order_however_it_lies(stores: Stores) -> None:
    records = [record for partition in (0, 1) for record in stores.log.read("market.orders", partition)]
    for record in records[::2] + records[1::2]:
        write_deltalake(str(stores.folder / "bronze/events"), bronze_rows([record]), mode="append")
    lines = [line for line in stores.lines("bronze") if line.event == "orders"]
    assert [line.differences for line in lines] == [[], []]


def test_a_line_is_plain_data(stores: Stores) -> None:
    assert msgspec.json.decode(msgspec.json.encode(stores.lines("kafka")[0]), type=Line).event == "orders"
