"""Importing Kibana's objects: what is sent, and what is made of each answer."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from pipelines.ports import StoreUnavailable
from pipelines.sinks.kibana_import import load
from pipelines.sinks.kibana_objects import files


class Kibana(HTTPServer):
    """Takes objects as Kibana's interface for saved objects does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.status, self.success = 200, True
        self.requests: list[tuple[str, dict[str, str], str]] = []


class Asked(BaseHTTPRequestHandler):
    server: Kibana

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = message_from_bytes(f"Content-Type: {self.headers['Content-Type']}\n\n".encode() + body)
        (part,) = form.get_payload()  # type: ignore[misc]
        text = part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        self.server.requests.append((self.path, dict(self.headers), text))
        answer = {"success": self.server.success, "successCount": len(text.splitlines()), "errors": [{"id": "x"}]}
        data = json.dumps(answer).encode()
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def kibana() -> Iterator[Kibana]:
    server = Kibana()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def address(kibana: Kibana, user: str = "elastic:p%40ss@") -> str:
    return f"http://{user}127.0.0.1:{kibana.server_port}"


def test_every_file_is_sent_whole_and_replaces_what_is_there(kibana: Kibana) -> None:
    assert load(address(kibana)) == sum(len(text.splitlines()) for text in files().values())
    assert [text for _, _, text in kibana.requests] == list(files().values())
    for path, headers, _ in kibana.requests:
        assert path == "/api/saved_objects/_import?overwrite=true"
        assert headers["kbn-xsrf"] and headers["authorization"] == f"Basic {b64encode(b'elastic:p@ss').decode()}"


def test_one_that_is_still_starting_is_waited_for(kibana: Kibana) -> None:
    kibana.status = 503
    with pytest.raises(StoreUnavailable, match="is not ready"):
        load(address(kibana))
    with pytest.raises(StoreUnavailable, match="does not answer"):
        load("http://127.0.0.1:1")


def test_a_refusal_is_told_without_the_password(kibana: Kibana) -> None:
    kibana.status = 401
    with pytest.raises(ValueError, match="refuses market.ndjson: 401") as refused:
        load(address(kibana))
    assert "p@ss" not in str(refused.value) and "p%40ss" not in str(refused.value)


def test_objects_that_were_not_taken_are_an_error(kibana: Kibana) -> None:
    kibana.success = False
    with pytest.raises(ValueError, match="did not take all"):
        load(address(kibana))
