"""Settings come from the environment, are checked, and never change."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from pipelines.settings import Settings, settings


def test_folders_lie_under_the_current_one_by_default(empty_folder: Path) -> None:
    found = settings()
    assert found.lake_dir == empty_folder / ".agora" / "lake"
    assert found.results_dir == empty_folder / "results"


def test_the_environment_wins_over_the_file_and_arguments_over_both(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_folder / ".env").write_text("AGORA_KAFKA_PORT=1111\nAGORA_KAFKA_HEAP=1g\n")
    monkeypatch.setenv("AGORA_KAFKA_PORT", "2222")
    assert (settings().kafka_port, settings().kafka_heap) == (2222, "1g")
    assert Settings(kafka_port=3333).kafka_port == 3333


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AGORA_BROKER", "localhost", "host:port"),
        ("AGORA_KAFKA_PORT", "70000", "AGORA_KAFKA_PORT='70000'"),
        ("AGORA_KAFKA_HEAP", "lots", "AGORA_KAFKA_HEAP='lots'"),
        ("AGORA_CASSANDRA", "localhost", "host:port"),
        ("AGORA_LAKE", "gs://tables", "AGORA_LAKE='gs://tables': .*s3://bucket/prefix"),
        ("POSTGRES_DB", "my db", "POSTGRES_DB"),
        ("AGORA_KAFKA_PROTOCOL", "scram", "AGORA_KAFKA_PROTOCOL='SCRAM'.*SASL_PLAINTEXT"),
        ("AGORA_KAFKA_USER", "me and you", "AGORA_KAFKA_USER='me and you'"),
        ("AGORA_KAFKA_CA_FILE", "nowhere.pem", "AGORA_KAFKA_CA_FILE='nowhere.pem': .*certificates"),
    ],
)
def test_a_wrong_value_is_named_with_its_rule(
    name: str, value: str, said: str, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=said):
        settings()


def test_settings_are_frozen(empty_folder: Path) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        settings().kafka_port = 1  # type: ignore[misc]


def test_settings_survive_the_way_to_another_process_and_secrets_do_not_take_it(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGORA_KAFKA_PASSWORD", "Jw8_oQ2-hT")
    found = Settings(broker="a:1,b:2", java_home=empty_folder)
    assert "Jw8_oQ2-hT" not in str(found.portable())
    assert Settings(**found.portable()) == found


def test_every_setting_is_listed_in_the_example_file() -> None:
    listed = (Path(__file__).parents[2] / ".env.example").read_text()
    assert [name for name in Settings.model_fields if f"AGORA_{name.upper()}=" not in listed] == []


@pytest.mark.parametrize(
    ("name", "wrong", "rule"),
    [("REDIS_URL", "http://me:secret@a", "redis://"), ("AGORA_DATABASE_URL", "me:secret@a", "sqlite:")],
)
def test_a_wrong_value_that_may_hold_a_password_is_not_shown(
    name: str, wrong: str, rule: str, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, wrong)
    with pytest.raises(ValueError, match=f"{name}: .*{rule}") as raised:
        settings()
    assert "secret" not in str(raised.value)


def test_plain_names_are_read_and_our_own_win(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://plain/0")
    monkeypatch.setenv("POSTGRES_USER", "someone")
    assert (settings().redis_url, settings().postgres_user) == ("redis://plain/0", "someone")
    monkeypatch.setenv("AGORA_REDIS_URL", "redis://own/0")
    assert settings().redis_url == "redis://own/0"


def test_a_flow_of_its_own_knows_no_server_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("AGORA_BROKER=cluster:9092\nDATABASE_URL=postgresql://there/agora\n")
    for name, value in (
        ("REDIS_URL", "redis://there"),
        ("AGORA_LAKE", "s3://there"),
        ("AGORA_CASSANDRA", "there:9042"),
        ("AGORA_KAFKA_PROTOCOL", "sasl_ssl"),
    ):
        monkeypatch.setenv(name, value)
    elsewhere = settings()
    assert (elsewhere.broker, elsewhere.redis_url, elsewhere.kafka_protocol) == ("cluster:9092", "redis://there", "SASL_SSL")
    monkeypatch.setenv("AGORA_OWN_SERVERS", "true")
    monkeypatch.setenv("AGORA_DATA_DIR", str(tmp_path / "apart"))
    assert settings() == elsewhere.apart(tmp_path / "apart")
    assert settings().lake_dir == tmp_path / "apart" / "lake"
    assert not any((settings().broker, settings().redis_url, settings().cassandra, settings().database_url))
