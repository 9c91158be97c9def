"""Whether the tables hold what they promise: keys complete and unique, each row possible, gold equal to the silver that it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import duckdb
import msgspec
from deltalake import DeltaTable

from pipelines.places import Place
from spark_jobs.catalog import present
from spark_jobs.dataset import of_runs
from spark_jobs.table import Table

LAYERS = ("bronze", "silver", "gold")

ROW_RULES = {
    "gold.market_minutes": {
        "open and close lie within low and high": "low <= least(open, close) AND high >= greatest(open, close)",
        "volume and trades are there together": "volume >= trades AND trades >= 0",
    },
    "silver.trades": {"price and size are positive": "price > 0 AND size > 0"},
}
"""What holds of every row, in SQL. A row in which it is neither true nor false, for want of a value, is none that breaks it."""

BALANCES = {
    "gold.market_minutes": ("sum(volume)", "silver.trades", "sum(size)"),
    "gold.negotiations": ("count(DISTINCT (world_id, deal_id))", "silver.negotiations", "count(DISTINCT (world_id, deal_id))"),
}
"""A figure of each run that is the same in a table and in the one that it was made of."""


READ = {
    "gold.market_minutes": ("open", "high", "low", "close", "volume", "trades"),
    "gold.negotiations": ("deal_id",),
    "silver.trades": ("price", "size"),
    "silver.negotiations": ("deal_id",),
}
"""The columns that these need beside the key: the rest may be large."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at and what is wrong."""

    rows: dict[str, int]  # table -> rows
    failures: list[str]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.failures


def check(lake: Place, layers: Iterable[str] = LAYERS, runs: Sequence[str] = (), names: Sequence[str] = ()) -> Found:
    """Look at the tables of those layers, or at those of some names alone, or at the rows of some runs alone where a table has a run.

    Raises FileNotFoundError for a named table that the lake lacks.
    """
    tables, wanted = {table.name: table for table in present(lake)}, set(layers)
    absent = [name for name in names if name not in tables]
    if absent:
        raise FileNotFoundError(f"{lake} holds no table {absent[0]}; it holds {', '.join(tables) or 'none'}")
    chosen = [table for table in tables.values() if (table.name in names if names else table.layer in wanted)]
    rows: dict[str, int] = {}
    failures: list[str] = []
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit='1GB'; SET threads=2")
        for table in tables.values():
            if table in chosen or any(table.name == balance[1] for balance in BALANCES.values()):
                _open(connection, lake, table, runs)
        for table in chosen:
            rows[table.name] = _number(connection, f'SELECT count(*) FROM "{table.name}"')
            failures += [f"{table.name}: {text}" for text in _failures(connection, table, tables)]
    return Found(rows=rows, failures=failures)


def _open(connection: duckdb.DuckDBPyConnection, lake: Place, table: Table, runs: Sequence[str]) -> None:
    within = of_runs(runs) if runs and "run_id" in table.schema.names else None
    wanted = [name for name in table.schema.names if name in (*table.key, "run_id", *READ.get(table.name, ()))]
    connection.register("opened", DeltaTable(str(table.path(lake))).to_pyarrow_dataset().scanner(wanted, filter=within).to_reader())
    connection.execute(f'CREATE TEMP TABLE "{table.name}" AS SELECT * FROM opened')
    connection.unregister("opened")


def _failures(connection: duckdb.DuckDBPyConnection, table: Table, tables: dict[str, Table]) -> Iterator[str]:
    key = ", ".join(f'"{name}"' for name in table.key)
    missing = _number(connection, f'SELECT count(*) FROM "{table.name}" WHERE {" OR ".join(f"{name} IS NULL" for name in key.split(", "))}')
    if missing:
        yield f"{missing:,} rows lack a part of the key {key}"
    doubled = _number(connection, f'SELECT count(*) FROM (SELECT 1 FROM "{table.name}" GROUP BY {key} HAVING count(*) > 1)')
    if doubled:
        yield f"{doubled:,} keys ({key}) are there more than once"
    for words, rule in ROW_RULES.get(table.name, {}).items():
        broken = _number(connection, f'SELECT count(*) FROM "{table.name}" WHERE NOT ({rule})')
        if broken:
            yield f"in {broken:,} rows it is not so that {words}"
    if table.name in BALANCES and BALANCES[table.name][1] in tables:
        yield from _unequal(connection, table.name)


def _unequal(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[str]:
    ours, source, theirs = BALANCES[name]
    sides = [f'SELECT run_id, {figure} AS figure FROM "{table}" GROUP BY run_id' for figure, table in ((ours, name), (theirs, source))]
    query = f"SELECT run_id, ours.figure, made.figure FROM ({sides[0]}) ours JOIN ({sides[1]}) made USING (run_id) ORDER BY run_id"
    for run_id, here, there in connection.execute(query).fetchall():
        if here != there:
            yield f"run {run_id} has {ours} {here:,}, {source} has {theirs} {there:,}; `agora refresh --run {run_id}` makes it anew"


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    found = connection.execute(query).fetchone()
    return int(found[0]) if found else 0
