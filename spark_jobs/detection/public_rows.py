"""The public rows of recorded markets, read from silver without a JVM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from pipelines.places import Place, is_table
from spark_jobs.dataset import of_runs
from spark_jobs.detection.columns import Deals, Messages, Orders, Public, deals_of, messages_of, orders_of
from spark_jobs.schemas import STEP_NS

_PUBLIC: dict[str, tuple[Any, tuple[str, ...]]] = {
    "orders": (orders_of, Orders._fields),
    "messages": (messages_of, Messages._fields),
    "negotiations": (deals_of, Deals._fields),
}


class Market(NamedTuple):
    """One symbol of one world of a run; step_seconds are simulated ones."""

    run_id: str
    world_id: int
    symbol: int
    name: str
    steps: int
    step_seconds: float

    @property
    def hours(self) -> float:
        """Simulated."""
        return self.steps * self.step_seconds / 3600.0


def markets(lake: Place, run_id: str) -> list[Market]:
    """The markets of a run in the lake; none if it holds no orders of it."""
    last = rows_of(lake, "silver/orders", run_id, ["world_id", "symbol", "step"])
    if last is None:
        return []
    ends = last.group_by(["world_id", "symbol"]).aggregate([("step", "max")]).sort_by([("world_id", "ascending"), ("symbol", "ascending")])
    names = rows_of(lake, "silver/worlds", run_id, ["world_id", "kind", "id", "name", "step_ns"])
    known = {(row["world_id"], row["id"]): row for row in names.to_pylist() if row["kind"] == "symbol"} if names else {}
    return [_market(run_id, row, known.get((row["world_id"], row["symbol"]))) for row in ends.to_pylist()]


def _market(run_id: str, end: dict[str, Any], name: dict[str, Any] | None) -> Market:
    """A market; a symbol that market.worlds does not name has its number for a name."""
    told = name or {"name": str(end["symbol"]), "step_ns": STEP_NS}
    return Market(run_id, end["world_id"], end["symbol"], told["name"], end["step_max"] + 1, told["step_ns"] / 1e9)


def public_of(lake: Place, market: Market, first_step: int = 0, end: int | None = None) -> Public:
    """What is public of a market in steps [first_step, end), in seq order; all of it unless steps are given."""
    here = (pc.field("world_id") == market.world_id) & (pc.field("step") >= first_step)
    here = here if end is None else here & (pc.field("step") < end)
    return Public(*(take(_columns(lake, market, name, fields, here), market.symbol) for name, (take, fields) in _PUBLIC.items()))


def _columns(lake: Place, market: Market, name: str, fields: tuple[str, ...], here: Any) -> Mapping[str, Any]:
    wanted = ["symbol", *fields]
    rows = rows_of(lake, f"silver/{name}", market.run_id, ["seq", *wanted], here)
    return {column: np.zeros(0, np.int64) if rows is None else np.asarray(rows.column(column)) for column in wanted}


def rows_of(lake: Place, table: str, run_id: str, columns: list[str] | None = None, where: Any = None) -> pa.Table | None:
    """Rows of a run in seq order where there is one; None where there is no table."""
    path = lake / table
    if not is_table(path):
        return None
    of_run = of_runs([run_id])
    data = DeltaTable(str(path)).to_pyarrow_dataset().to_table(columns=columns, filter=of_run if where is None else of_run & where)
    return data.sort_by("seq") if "seq" in data.column_names else data
