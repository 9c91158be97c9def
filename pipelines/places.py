"""Where tables lie: in a folder, or under a prefix of an S3-compatible object store.

A folder stays a plain Path. An object store is spoken to by deltalake's own client alone, for Parquet files as for commits, so that there
is one set of settings, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and so on, and nothing more to install.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipelines.redaction import redacted

_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]+[a-z0-9](/[A-Za-z0-9._-]+)*")
_SCHEME = re.compile(r"[A-Za-z0-9+.-]+:/")
_ANSWER = re.compile(r"<Code>(.*?)</Code>(?:<Message>(.*?)</Message>)?")
_CAUSE = re.compile(r"↳(?:\x1b\[0m)? (.+)")
STORE_FAILED = "Generic S3 error"
"""How the object store's client begins whatever went wrong; the causes follow, a line each."""


@dataclass(frozen=True)
class ObjectFolder:
    """A folder in an object store: of a path it has what tables need.

    >>> place = ObjectFolder("s3://market/lake") / "silver" / "trades"
    >>> str(place), place.bucket, place.key
    ('s3://market/lake/silver/trades', 's3://market', 'lake/silver/trades')
    """

    uri: str

    def __truediv__(self, name: str) -> ObjectFolder:
        return ObjectFolder(f"{self.uri}/{name}") if name else self

    def __str__(self) -> str:
        return self.uri

    @property
    def bucket(self) -> str:
        """The bucket's address."""
        return "/".join(self.uri.split("/")[:3])

    @property
    def key(self) -> str:
        """The name within the bucket."""
        return self.uri[len(self.bucket) + 1 :]


Place = Path | ObjectFolder


def place_named(text: str) -> Place:
    """The place that a setting names. Raises ValueError for what is neither a folder nor s3://bucket/prefix."""
    if not _SCHEME.match(text):
        return Path(text).expanduser().absolute()
    if not _BUCKET.fullmatch(text.rstrip("/")):
        raise ValueError(
            "must be a folder, or s3://bucket/prefix of letters, digits and .-_; credentials are given as AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, a server that is not Amazon's as AWS_ENDPOINT_URL"
        )
    return ObjectFolder(text.rstrip("/"))


def check_endpoint(endpoint: str, http_allowed: bool) -> None:
    """Raises ValueError for the address of an object store that its client would refuse, with less to go by."""
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise ValueError(f"AWS_ENDPOINT_URL={redacted(endpoint)!r}: must begin with http:// or https://")
    if endpoint.startswith("http://") and not http_allowed:
        raise ValueError(f"AWS_ENDPOINT_URL={redacted(endpoint)!r}: is not encrypted; use https://, or set AWS_ALLOW_HTTP=true")


def folder_of(place: Place, work: str, instead: str) -> Path:
    """The place as a folder. Raises ValueError for an object store, which `work` cannot be done in."""
    if isinstance(place, ObjectFolder):
        raise ValueError(f"{work} needs tables in a folder, and {place} is an object store; {instead}")
    return place


def is_table(place: Place) -> bool:
    """Whether a Delta table is there. Raises ValueError, with what the object store said, if that does not let us look."""
    from deltalake import DeltaTable

    try:
        return bool(DeltaTable.is_deltatable(str(place)))
    except OSError as error:
        if isinstance(place, Path):
            raise
        raise ValueError(store_failure(error, place)) from None


def store_failure(error: BaseException, place: object) -> str:
    """An object store's failure in a line: what the server answered, or the last causes of its silence."""
    text = str(error)
    answer = _ANSWER.search(text)
    parts = answer.groups() if answer else _CAUSE.findall(text)[-2:] or [text.partition("\n")[0]]
    return (
        f"the object store of {place} failed: {': '.join(part for part in parts if part).rstrip('.')}; see that the bucket exists and that "
        "AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are right"
    )


def store(place: ObjectFolder) -> Any:
    """The place's bucket as pyarrow reads and writes files of it, by their keys."""
    return _store(place.bucket)


@lru_cache
def _store(bucket: str) -> Any:
    """One for a process, which keeps its connections."""
    from deltalake.fs import DeltaStorageHandler
    from pyarrow.fs import PyFileSystem

    return PyFileSystem(DeltaStorageHandler(bucket))


def size_of(place: Place) -> int:
    """Bytes of a file. Raises FileNotFoundError if there is none."""
    if isinstance(place, Path):
        return place.stat().st_size
    (found,) = store(place).get_file_info([place.key])
    if found.size is None:
        raise FileNotFoundError(f"{place} is not there")
    return int(found.size)


def remove(place: Place) -> None:
    """Remove a file, if it is there."""
    if isinstance(place, Path):
        place.unlink(missing_ok=True)
    else:
        store(place).delete_file(place.key)
