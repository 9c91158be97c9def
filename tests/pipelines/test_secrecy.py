"""Secrets come from files, and samples are refused in production, by the variable's name and never by value."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.secrecy import is_sample, password_of
from pipelines.settings import Settings, settings


@pytest.fixture
def secret_file(empty_folder: Path) -> Path:
    path = empty_folder / "password"
    path.write_text("Jw8_oQ2-hT\n")
    return path


def test_a_secret_may_lie_in_a_file(secret_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_KAFKA_PASSWORD_FILE", str(secret_file))
    monkeypatch.setenv("POSTGRES_PASSWORD_FILE", str(secret_file))
    assert (settings().kafka_password, settings().postgres_password) == ("Jw8_oQ2-hT", "Jw8_oQ2-hT")


def test_the_file_may_be_named_in_the_env_file_and_hold_a_whole_address(empty_folder: Path) -> None:
    (empty_folder / "address").write_text("redis://agora:Jw8_oQ2-hT@db:6379/0\n")
    (empty_folder / ".env").write_text(f"AGORA_REDIS_URL_FILE={empty_folder / 'address'}\n")
    assert settings().redis_url == "redis://agora:Jw8_oQ2-hT@db:6379/0"


def test_what_is_checked_of_a_value_is_checked_of_the_files_text(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_folder / "address").write_text("http://agora:Jw8_oQ2-hT@db")
    monkeypatch.setenv("AGORA_REDIS_URL_FILE", str(empty_folder / "address"))
    with pytest.raises(ValueError, match="REDIS_URL: .*redis://") as raised:
        settings()
    assert "Jw8" not in str(raised.value)


@pytest.mark.parametrize(("text", "said"), [(None, "cannot be read"), ("\n", "is empty")])
def test_a_file_that_gives_nothing_is_named(text: str | None, said: str, empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = empty_folder / "password"
    if text is not None:
        path.write_text(text)
    monkeypatch.setenv("AGORA_CASSANDRA_PASSWORD_FILE", str(path))
    with pytest.raises(ValueError, match=f"AGORA_CASSANDRA_PASSWORD_FILE='{path}' {said}"):
        settings()


def test_a_value_and_a_file_for_it_contradict(secret_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_KAFKA_PASSWORD_FILE", str(secret_file))
    monkeypatch.setenv("AGORA_KAFKA_PASSWORD", "another")
    with pytest.raises(ValueError, match="AGORA_KAFKA_PASSWORD and AGORA_KAFKA_PASSWORD_FILE are both set"):
        settings()


@pytest.mark.parametrize("field", ["redis_url", "kafka_password", "postgres_password", "database_url", "cassandra_password", "mongodb_url"])
def test_no_secret_is_shown_by_the_settings(field: str) -> None:
    value = "postgresql://me:Jw8_oQ2-hT@db/agora" if field == "database_url" else f"{field.removesuffix('_url')}://me:Jw8_oQ2-hT@db/"
    found = Settings.model_validate({field: value})
    assert "Jw8" not in repr(found) + str(found)


def test_production_refuses_samples_by_name(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "REDIS_URL": "redis://agora:changeme@db:6379/0",
        "AGORA_MONGODB_URL": "mongodb://agora:Jw8_oQ2-hT@db:27017/",
        "AGORA_POSTGRES_PASSWORD": "Secret",
        "ELASTIC_PASSWORD": "elastic",
    }.items():
        monkeypatch.setenv(name, value)
    assert settings().mode == "development"
    monkeypatch.setenv("AGORA_MODE", "production")
    with pytest.raises(ValueError, match=r"^AGORA_REDIS_URL or REDIS_URL, .*POSTGRES_PASSWORD, ELASTIC_PASSWORD: a sample") as raised:
        settings()
    assert "changeme" not in str(raised.value) and "MONGODB" not in str(raised.value)


def test_production_refuses_a_sample_in_a_file(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_folder / "password").write_text("admin\n")
    monkeypatch.setenv("AGORA_MODE", "production")
    monkeypatch.setenv("AGORA_CASSANDRA_PASSWORD_FILE", str(empty_folder / "password"))
    with pytest.raises(ValueError, match="AGORA_CASSANDRA_PASSWORD: a sample password"):
        settings()


def test_production_takes_passwords_of_ones_own(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_MODE", "production")
    monkeypatch.setenv("REDIS_URL", "redis://agora:Jw8_oQ2-hT@db:6379/0")
    assert settings().mode == "production"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("plain", "plain"),
        ("redis://:pass%21word@db:6379/0", "pass!word"),
        ("postgresql+psycopg://me:a@b@db/agora", "a@b"),
        ("sqlite:////folder/agora.db", ""),
        ("mongodb://db:27017/", ""),
    ],
)
def test_the_password_of_an_address_is_found(value: str, found: str) -> None:
    assert password_of(value) == found


def test_every_password_of_the_example_file_is_empty_or_a_sample() -> None:
    lines = (Path(__file__).parents[2] / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    assert [name for name, value in given.items() if "PASSWORD" in name and value and not is_sample(value)] == []
