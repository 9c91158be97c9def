"""The committed page and schemas are those of the declarations."""

import json

import pytest

from pipelines.events.declarations import EVENT_TYPES
from pipelines.events.document import DOCS, files
from pipelines.events.schema import avro_schema


@pytest.mark.parametrize("path", list(files()))
def test_committed_file_is_current(path: str) -> None:
    assert (DOCS / path).read_text() == files()[path], "run `python -m pipelines.events.document` and commit what it writes"


def test_nothing_else_lies_among_the_schemas() -> None:
    assert {f"schemas/{path.name}" for path in (DOCS / "schemas").iterdir()} == set(files()) - {"events.md"}


def test_schema_files_are_the_schemas() -> None:
    for version in (version for event in EVENT_TYPES.values() for version in event.versions):
        assert json.loads(files()[f"schemas/{version.name}_v{version.version}.avsc"]) == avro_schema(version)
