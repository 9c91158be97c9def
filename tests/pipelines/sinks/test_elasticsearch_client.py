"""Errors of Elasticsearch in the words of the ports; no password in any of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError, BadRequestError

from pipelines.local_stack.ports import free_port
from pipelines.ports import StoreUnavailable
from pipelines.sinks.elasticsearch_client import connected, shown, told

ADDRESS = "http://agora:hidden@127.0.0.1:{}"


class Stranger(BaseHTTPRequestHandler):
    """Another web server."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def stranger() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield ADDRESS.format(server.server_port)
    server.shutdown()
    server.server_close()


def raised(status: int, reason: str) -> ApiError:
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.0, NodeConfig("http", "127.0.0.1", 1))
    return (BadRequestError if status == 400 else ApiError)(reason, meta, {"error": reason})


def test_nobody_there_may_pass() -> None:
    address = ADDRESS.format(free_port())
    with connected(address) as client, pytest.raises(StoreUnavailable, match="does not answer") as caught, told(address):
        client.cluster.health()
    assert "hidden" not in str(caught.value)


def test_another_server_will_not(stranger: str) -> None:
    with (
        connected(stranger) as client,
        pytest.raises(ValueError, match="is not Elasticsearch") as caught,
        told(stranger),
    ):
        client.cluster.health()
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "reason", "kind", "wanted"),
    [
        (429, "circuit_breaking_exception", StoreUnavailable, "cannot take it now"),
        (503, "no_shard_available_action_exception", StoreUnavailable, "cannot take it now"),
        (403, "cluster_block_exception", StoreUnavailable, "look at its disk"),
        (400, "this action would add [1] shards, but this cluster has 1000 maximum normal shards open", StoreUnavailable, "shards"),
        (401, "security_exception", ValueError, "denies it"),
        (400, "media_type_header_exception", ValueError, "older than version 9"),
        (400, "parsing_exception", BadRequestError, "parsing_exception"),
    ],
)
def test_answers_become_errors_that_say_what_to_do(status: int, reason: str, kind: type[Exception], wanted: str) -> None:
    with pytest.raises(kind, match=wanted), told("http://127.0.0.1:9"):
        raise raised(status, reason)


@pytest.mark.parametrize("address", ["127.0.0.1:9200", "ftp://agora:hidden@h:1", "http://agora:hidden@host"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(ValueError, match="is no address of Elasticsearch") as caught:
        connected(address)
    assert "hidden" not in str(caught.value)


def test_addresses_are_shown_without_passwords() -> None:
    assert shown("https://agora:a@b@search:9200") == "https://search:9200"
