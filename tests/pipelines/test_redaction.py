"""Nothing secret is in a line of the log or in an error."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from dataclasses import replace

import pytest
import structlog

from pipelines import logs
from pipelines.apps.errors import UserError, show_error
from pipelines.kafka_access import Access
from pipelines.redaction import redacted

SECRET = "Jw8_oQ2-hT"


@pytest.mark.parametrize(
    "text",
    [
        f"could not connect to postgresql+psycopg://agora:{SECRET}@db:5432/agora?sslmode=require",
        f"ConnectionError('redis://:{SECRET}@db:6379/0')",
        f"https://elastic:{SECRET}@a:9200 and mongodb://me:{SECRET}@b:27017,c:27017/",
        f'ScramLoginModule required username="agora-worker" password="{SECRET}";',
        f"AGORA_KAFKA_PASSWORD={SECRET}",
        f"AWS_SECRET_ACCESS_KEY={SECRET}",
        f'{{"password": "{SECRET}", "host": "db"}}',
    ],
)
def test_no_secret_is_left(text: str) -> None:
    assert SECRET not in redacted(text) and "***" in redacted(text)


@pytest.mark.parametrize("text", ["http://db:9200/_cluster/health", "AGORA_KAFKA_PASSWORD_FILE='secrets/kafka' cannot be read", "a@b.c: 5"])
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


def test_the_log_says_no_secret() -> None:
    said, kept = io.StringIO(), structlog.get_config()
    try:
        with redirect_stderr(said):
            logs.begin("sink")
            logs.begin("sink")  # a second time changes nothing
            values = {"url": f"redis://a:{SECRET}@db/0", "sasl_password": SECRET, "options": {"kafka.sasl.jaas.config": SECRET, "batch": 5}}
            structlog.get_logger().warning(f"no answer from redis://a:{SECRET}@db/0", error=ValueError(f"password={SECRET}"), **values)
    finally:
        structlog.configure(**kept)
    assert SECRET not in said.getvalue()
    assert "no answer from redis://***@db/0" in said.getvalue() and '"batch": 5' in said.getvalue()
    assert len(said.getvalue().splitlines()) == 1


def test_an_error_shown_says_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    show_error(UserError(f"no answer from mongodb://me:{SECRET}@db/", "start it"))
    assert capsys.readouterr().err == "error: no answer from mongodb://***@db/; start it\n"


def test_a_way_to_kafka_shows_no_password() -> None:
    access = Access("a:1", "SASL_SSL", user="agora-worker", password=SECRET)
    assert SECRET not in f"{access} {access!r}" and f"{access}" == "a:1"
    assert access != replace(access, password="another")
