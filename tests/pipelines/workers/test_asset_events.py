"""Airflow is told of each version of silver once, whoever asks, and its absence disturbs nobody."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from pipelines.local_stack.airflow_api import AirflowApi, AirflowError
from pipelines.settings import Settings
from pipelines.workers import asset_events
from pipelines.workers.asset_events import URI, SilverNews, telling
from spark_jobs.catalog import table

TRADES = table("silver.trades")


class Handler(BaseHTTPRequestHandler):
    """Answers as Airflow does, with one asset; tokens end after some calls."""

    events: ClassVar[list[dict[str, Any]]] = []
    tokens: ClassVar[list[str]] = []
    troubles: ClassVar[list[int]] = []
    """What it answers to who asks for events, before it answers well."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/auth/token":
            self.tokens.append(f"token {len(self.tokens)}")
            known = body == {"username": "agora", "password": "p@ss"}
            self.answer(201 if known else 401, {"access_token": self.tokens[-1]} if known else {"detail": "Invalid credentials"})
        elif self.may():
            self.events.insert(0, {"extra": body["extra"]})
            self.answer(200, {})

    def do_GET(self) -> None:
        if self.may() and self.troubles and not self.path.startswith("/api/v2/assets?"):
            self.answer(self.troubles.pop(), {"detail": "Internal Server Error"})
        elif self.may():
            found = {"assets": [{"id": 7, "uri": URI}]} if self.path.startswith("/api/v2/assets?") else {"asset_events": self.events}
            self.answer(200, found)

    def may(self) -> bool:
        """Refuse any token but the last."""
        allowed = bool(self.tokens) and self.headers.get("Authorization") == f"Bearer {self.tokens[-1]}"
        if not allowed:
            self.answer(401, {"detail": "expired"})
        return allowed

    def answer(self, status: int, body: Any) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    Handler.events.clear()
    Handler.tokens.clear()
    Handler.troubles.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://agora:p%40ss@127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def add(lake: Path, run: str) -> None:
    """A version more, with rows of a run."""
    rows = pa.Table.from_pylist([dict.fromkeys(TRADES.schema.names) | {"run_id": run}], schema=TRADES.schema)
    write_deltalake(TRADES.path(lake), rows, mode="append", partition_by=list(TRADES.partition_by))


def test_each_version_is_told_once(tmp_path: Path, url: str) -> None:
    add(tmp_path, "a")
    news = SilverNews(AirflowApi(url), tmp_path)
    assert [news.tell(), news.tell(), SilverNews(AirflowApi(url), tmp_path).tell()] == [True, False, False]
    add(tmp_path, "b")
    assert SilverNews(AirflowApi(url), tmp_path).tell()
    assert [event["extra"]["runs"] for event in Handler.events] == [["b"], ["a"]]
    assert Handler.events[0]["extra"]["versions"] == {"silver.trades": 1}


def test_an_empty_lake_is_no_news(tmp_path: Path, url: str) -> None:
    assert not SilverNews(AirflowApi(url), tmp_path).tell()


def test_another_lake_is_told_of_by_itself(tmp_path: Path, url: str) -> None:
    for lake in (tmp_path / "one", tmp_path / "two"):
        add(lake, "a")
        assert SilverNews(AirflowApi(url), lake).tell()


def test_a_token_that_ended_is_renewed(tmp_path: Path, url: str) -> None:
    api = AirflowApi(url)
    assert api.asset_id(URI) == 7
    Handler.tokens.append("another")
    assert api.asset_id(URI) == 7
    assert api.asset_id("agora://lake/nothing") is None


def test_a_wrong_password_is_told(url: str) -> None:
    with pytest.raises(AirflowError, match="401"):
        AirflowApi(url.replace("p%40ss", "guess")).asset_id(URI)


def test_a_stream_tells_at_its_end_at_least(tmp_path: Path, url: str) -> None:
    chosen = Settings(data_dir=tmp_path, airflow_url=url)
    with telling(chosen):
        add(chosen.lake_dir, "a")
    assert len(Handler.events) == 1


def test_an_airflow_that_is_away_is_one_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = warnings(monkeypatch)
    monkeypatch.setattr(asset_events, "LOOK_S", 0.01)
    chosen = Settings(data_dir=tmp_path, airflow_url="http://agora:x@127.0.0.1:1")
    add(chosen.lake_dir, "a")
    looks = count_looks(monkeypatch)
    with telling(chosen):
        assert looks.acquire(timeout=10) and looks.acquire(timeout=10)
    assert len(said) == 1 and "does not answer" in said[0]


def test_an_airflow_that_does_not_answer_holds_no_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = warnings(monkeypatch)
    monkeypatch.setattr(asset_events, "LAST_LOOK_S", 0.1)
    add(tmp_path / "lake", "a")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with telling(Settings(data_dir=tmp_path, airflow_url=f"http://agora:x@127.0.0.1:{silent.getsockname()[1]}")):
            pass
        assert said == ["Airflow was not told of new silver: no answer in 0 s; the next stream will tell of it"]


def test_tables_that_cannot_be_read_are_looked_at_again(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asset_events, "LOOK_S", 0.01)
    chosen = Settings(data_dir=tmp_path, airflow_url=url)
    log = TRADES.path(chosen.lake_dir) / "_delta_log"
    add(chosen.lake_dir, "a")
    first = next(log.glob("*.json"))  # type: ignore[union-attr]  # a folder
    whole = first.read_bytes()
    first.write_bytes(b"nothing")
    looks = count_looks(monkeypatch)
    with telling(chosen):
        assert looks.acquire(timeout=10) and looks.acquire(timeout=10)
        assert Handler.events == []
        first.write_bytes(whole)
    assert len(Handler.events) == 1


def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a stream will have warned of."""
    said: list[str] = []
    monkeypatch.setattr(asset_events.log, "warning", lambda text, error: said.append(f"{text}: {error}"))
    return said


def count_looks(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Released at each look."""
    looks, tell = threading.Semaphore(0), SilverNews.tell

    def counted(self: SilverNews) -> bool:
        looks.release()
        return tell(self)

    monkeypatch.setattr(SilverNews, "tell", counted)
    return looks


def test_an_airflow_in_trouble_is_asked_again_at_the_end(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asset_events, "AGAIN_S", 0.01)
    said = warnings(monkeypatch)
    add(tmp_path / "lake", "a")
    Handler.troubles += [500, 500]
    with telling(Settings(data_dir=tmp_path, airflow_url=url)):
        pass
    assert (len(Handler.events), said) == (1, [])


def test_a_stream_asks_what_was_told_once(tmp_path: Path, url: str) -> None:
    news = SilverNews(AirflowApi(url), tmp_path)
    add(tmp_path, "a")
    assert news.tell()
    Handler.troubles.append(500)
    add(tmp_path, "b")
    assert news.tell()
    assert [event["extra"]["runs"] for event in Handler.events] == [["b"], ["a"]]


def test_nobody_is_told_unless_the_settings_say_so(tmp_path: Path, url: str) -> None:
    chosen = Settings(data_dir=tmp_path)
    add(chosen.lake_dir, "a")
    with telling(chosen):
        pass
    assert Handler.events == []
