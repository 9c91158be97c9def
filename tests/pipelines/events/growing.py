"""Event types as they could become: with columns more, or changed in ways that nobody may."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from pipelines.events.columns import Column, ColumnType, Encoding
from pipelines.events.declarations import EventType

DEFAULTS: dict[ColumnType, st.SearchStrategy[Any]] = {
    ColumnType.INT: st.integers(-(2**31), 2**31 - 1),
    ColumnType.LONG: st.integers(-(2**63), 2**63 - 1),
    ColumnType.DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
    ColumnType.STRING: st.text(max_size=5),
}


def grown(event: EventType, *columns: Column) -> EventType:
    """The next version of a type, with these columns at the end."""
    version = event.version + 1
    added = tuple(msgspec.structs.replace(column, since=version) for column in columns)
    return msgspec.structs.replace(event, version=version, columns=(*event.columns, *added))


def venue(default: int | None = 7) -> Column:
    """A column that no type has."""
    return Column("venue", ColumnType.INT, "id", "where it was traded", since=2, default=default)


def changed(event: EventType, name: str, /, **changes: Any) -> EventType:
    """The same version with a column that is declared otherwise."""
    columns = tuple(msgspec.structs.replace(column, **changes) if column.name == name else column for column in event.columns)
    return msgspec.structs.replace(event, columns=columns)


def without(event: EventType, name: str) -> EventType:
    """The same version without a column."""
    return msgspec.structs.replace(event, columns=tuple(column for column in event.columns if column.name != name))


@st.composite
def growths(draw: st.DrawFn, event: EventType) -> EventType:
    """The type some versions later."""
    for version in range(draw(st.integers(1, 3))):
        kinds = draw(st.lists(st.sampled_from(ColumnType), min_size=1, max_size=3))
        columns = [
            Column(
                f"extra_{version}_{place}", kind, "unit", "a column more",
                Encoding.DELTA if kind in (ColumnType.INT, ColumnType.LONG) and draw(st.booleans()) else Encoding.PLAIN,
                default=draw(DEFAULTS[kind]),
                since=2,
            )
            for place, kind in enumerate(kinds)
        ]  # fmt: skip
        event = grown(event, *columns)
    return event
