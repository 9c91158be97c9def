"""Each part of the product comes to Kafka as a principal of its own, by settings alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.broker.login import kafka_python, librdkafka
from pipelines.kafka_access import Access, Principal, access, jaas, sink_principal
from pipelines.settings import Settings
from pipelines.workers.stores import NAMES
from spark_jobs.ingest.kafka_side import login, options


def secured(folder: Path, **values: object) -> Settings:
    return Settings.model_validate({"data_dir": folder, "kafka_protocol": "sasl_ssl", **values})


def test_without_logins_nobody_has_a_name(tmp_path: Path) -> None:
    assert access(Settings(data_dir=tmp_path), "a:1", Principal.WORKER) == Access("a:1")


def test_a_principal_finds_its_password_in_the_folder_of_users(tmp_path: Path) -> None:
    (tmp_path / "agora-worker.password").write_text("Jw8\n")
    (tmp_path / "ca.pem").touch()
    found = access(secured(tmp_path, kafka_users_dir=tmp_path, kafka_ca_file=tmp_path / "ca.pem"), "a:1,b:2", Principal.WORKER)
    assert found == Access("a:1,b:2", "SASL_SSL", "SCRAM-SHA-512", "agora-worker", "Jw8", str(tmp_path / "ca.pem"))


def test_a_user_of_the_settings_stands_over_the_principal(tmp_path: Path) -> None:
    found = access(secured(tmp_path, kafka_user="me", kafka_password="mine", kafka_mechanism="plain"), "a:1", Principal.STREAM)
    assert (found.user, found.password, found.mechanism) == ("me", "mine", "PLAIN")


def test_without_a_password_it_says_where_one_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"user agora-stream: .*users/agora-stream.password does not exist; set AGORA_KAFKA_PASSWORD_FILE"):
        access(secured(tmp_path), "a:1", Principal.STREAM)


def test_production_takes_no_sample_from_the_folder_of_users(tmp_path: Path) -> None:
    (tmp_path / "agora-worker.password").write_text("changeme")
    with pytest.raises(ValueError, match="user agora-worker has a sample password"):
        access(secured(tmp_path, kafka_users_dir=tmp_path, mode="production"), "a:1", Principal.WORKER)


def test_every_sink_has_a_principal() -> None:
    assert {sink_principal(name) for name in NAMES} <= set(Principal)


def test_each_client_is_told_the_same() -> None:
    way = Access("a:1,b:2", "SASL_PLAINTEXT", "SCRAM-SHA-512", "agora-worker", 'J"w\\8')
    assert kafka_python(way) == {
        "bootstrap_servers": ["a:1", "b:2"], "security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "agora-worker", "sasl_plain_password": 'J"w\\8',
    }  # fmt: skip
    assert librdkafka(way) == {
        "bootstrap.servers": "a:1,b:2", "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "agora-worker", "sasl.password": 'J"w\\8',
    }  # fmt: skip
    assert login(way)["sasl.jaas.config"] == jaas(way)
    assert jaas(way).endswith(r'ScramLoginModule required username="agora-worker" password="J\"w\\8";')


def test_addresses_alone_are_a_broker_that_asks_nobody() -> None:
    assert options("a:1", {"acks": "all"}) == {
        "kafka.bootstrap.servers": "a:1",
        "kafka.security.protocol": "PLAINTEXT",
        "kafka.acks": "all",
    }


def test_certificates_are_given_to_java_and_librdkafka() -> None:
    way = Access("a:1", "SSL", ca_file="ca.pem")
    assert login(way) == {
        "bootstrap.servers": "a:1", "security.protocol": "SSL", "ssl.truststore.type": "PEM", "ssl.truststore.location": "ca.pem",
    }  # fmt: skip
    assert librdkafka(way) == {"bootstrap.servers": "a:1", "security.protocol": "SSL", "ssl.ca.location": "ca.pem"}
