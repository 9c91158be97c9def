"""The local Airflow's configuration, without starting it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from pipelines.local_stack import airflow_server
from pipelines.local_stack.airflow_server import AirflowServer
from pipelines.settings import Settings, settings
from pipelines.settings_sources import environment_of


@pytest.fixture
def server(tmp_path: Path) -> AirflowServer:
    made = AirflowServer(Settings(data_dir=tmp_path, kafka_heap="300m"))
    made.folder.mkdir(parents=True)
    (made.folder / "ports.json").write_text('{"port": 4711}')
    return made


def test_its_commands_see_the_settings_wherever_they_run(server: AirflowServer, tmp_path: Path) -> None:
    environment = server.environment()
    assert environment["AGORA_DATA_DIR"] == str(tmp_path)
    assert environment["AGORA_KAFKA_HEAP"] == "300m"
    assert "AGORA_JAVA_HOME" not in environment  # not set, so that the next in turn is asked


def test_a_secret_in_a_file_stays_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("redis://:hidden@elsewhere:6379")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGORA_REDIS_URL_FILE", "url")
    environment = environment_of(settings())
    assert environment["AGORA_REDIS_URL_FILE"] == str(tmp_path / "url")
    assert "hidden" not in str(environment)


def test_no_setting_of_another_airflow_is_taken_over(server: AirflowServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", "elsewhere")
    monkeypatch.setenv("AIRFLOW_CONFIG", "elsewhere")
    environment = server.environment()
    assert environment["AIRFLOW__CORE__DAGS_FOLDER"] == str(airflow_server.DAGS)
    assert "AIRFLOW_CONFIG" not in environment


def test_all_its_addresses_are_of_one_port_on_the_loopback_interface(server: AirflowServer) -> None:
    environment = server.environment()
    assert (environment["AIRFLOW__API__HOST"], environment["AIRFLOW__API__PORT"]) == ("127.0.0.1", "4711")
    assert environment["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:4711"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:4711/execution/"


def test_the_password_is_random_kept_and_its_owners_alone(server: AirflowServer) -> None:
    server.configure({"port": 4711})
    kept = json.loads((server.folder / "passwords.json").read_text())
    server.configure({"port": 4711})
    assert kept == {"agora": server.password_file.read_text()} == json.loads((server.folder / "passwords.json").read_text())
    assert len(kept["agora"]) > 20
    for path in (server.folder / "passwords.json", server.password_file):
        assert path.stat().st_mode & 0o077 == 0


def test_its_absence_says_what_to_do(server: AirflowServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(airflow_server, "HOME", tmp_path / "nowhere")
    assert "make setup" in server.lack()


def test_nothing_runs_and_nothing_is_stopped(server: AirflowServer) -> None:
    assert not server.ready()
    assert not server.stop()
    assert list(server.leftovers()) == []


def waiting(home: Path) -> subprocess.Popen[str]:
    """A process of an Airflow home that does nothing and has no parent there."""
    words = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(60)"]
    seen = os.environ | {"AIRFLOW_HOME": str(home)}
    process = subprocess.Popen(words, env=seen, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout and process.stdout.readline() == "begun\n"
    return process


def test_what_a_killed_leader_left_is_ended_and_told(server: AirflowServer, tmp_path: Path) -> None:
    elsewhere, left = waiting(tmp_path / "another"), waiting(server.folder)
    try:
        assert [each.pid for each in server.leftovers()] == [left.pid]
        assert server.stop()
        assert not psutil.pid_exists(left.pid)
        assert elsewhere.poll() is None
    finally:
        for process in (elsewhere, left):
            process.kill()
            process.communicate()


def test_who_asks_is_no_leftover(server: AirflowServer) -> None:
    lines = [
        "from pathlib import Path",
        "from pipelines.local_stack.airflow_server import AirflowServer",
        "from pipelines.settings import Settings",
        f"print(list(AirflowServer(Settings(data_dir=Path({str(server.settings.data_dir)!r}))).leftovers()))",
    ]
    asked = [sys.executable, "-c", "\n".join(lines)]
    seen = os.environ | {"AIRFLOW_HOME": str(server.folder)}
    assert subprocess.run(asked, env=seen, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_titles_leave_the_environment_readable(server: AirflowServer) -> None:
    assert server.environment()["SPT_NOENV"] == "1"
