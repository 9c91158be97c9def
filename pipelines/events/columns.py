"""What the columns of events are: their types, how they lie on the wire, and since which version they are there."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class ColumnType(StrEnum):
    """How wide a value is; the names are Avro's."""

    INT = "int"  # 32 bit, signed
    LONG = "long"  # 64 bit, signed
    DOUBLE = "double"
    STRING = "string"


class Encoding(StrEnum):
    """How a column of integers lies on the wire."""

    PLAIN = "plain"
    DELTA = "delta"  # the first value, then differences; the wire field is called <name>_delta


class Column(msgspec.Struct, frozen=True):
    """One column: name, type, wire encoding, unit and meaning.

    `since` is the version of the type that brought it; `default` is what events of the versions before have, None for a column of
    the first version.
    """

    name: str
    type: ColumnType
    unit: str
    doc: str
    encoding: Encoding = Encoding.PLAIN
    since: int = 1
    default: int | float | str | None = None

    @property
    def wire_name(self) -> str:
        """The Avro field: `<name>_delta` for difference-encoded columns, otherwise the name itself."""
        return f"{self.name}_delta" if self.encoding is Encoding.DELTA else self.name

    @property
    def wire_type(self) -> ColumnType:
        """The Avro type of the field's items: a difference of two ints may need a long (the bytes are the same)."""
        return ColumnType.LONG if self.encoding is Encoding.DELTA else self.type


def integer(name: str, unit: str, doc: str, encoding: Encoding = Encoding.PLAIN) -> Column:
    """32 bits."""
    return Column(name, ColumnType.INT, unit, doc, encoding)


def long(name: str, unit: str, doc: str, encoding: Encoding = Encoding.PLAIN) -> Column:
    """64 bits."""
    return Column(name, ColumnType.LONG, unit, doc, encoding)


def double(name: str, unit: str, doc: str) -> Column:
    """A number with a fraction."""
    return Column(name, ColumnType.DOUBLE, unit, doc)


def text(name: str, doc: str) -> Column:
    """Text."""
    return Column(name, ColumnType.STRING, "text", doc)


def added(since: int, default: int | float | str, column: Column) -> Column:
    """A column that a later version brought. It is declared after all others."""
    return msgspec.structs.replace(column, since=since, default=default)


SEQ = long("seq", "events", "place of the event in its sequence, from 0", Encoding.DELTA)
STEP = integer("step", "steps", "simulated step at which it happened", Encoding.DELTA)
