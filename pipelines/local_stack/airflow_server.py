"""A real Airflow on the loopback interface, in its own environment: SQLite, four tasks at a time, one user."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import psutil

from pipelines.local_stack import ports
from pipelines.local_stack.airflow_api import TAKEN, AirflowApi, AirflowError
from pipelines.local_stack.process import kill
from pipelines.local_stack.secret import keep_secret, password
from pipelines.local_stack.server import LocalServer
from pipelines.settings import PROJECT_DIR
from pipelines.settings_sources import environment_of

HOME = PROJECT_DIR / ".venv-airflow"
DAGS = PROJECT_DIR / "dags"
LAUNCHER = Path(__file__).with_name("airflow_parts.py")
USER = "agora"
TASKS_END_S = 20.0
ORPHANS_S = 10
"""How often tasks are looked for that a killed scheduler began: its own pause of five minutes would be the pause of the work."""


@dataclass(frozen=True)
class AirflowServer(LocalServer):
    """The local Airflow of one data folder."""

    name = "airflow"
    title = "Airflow"
    elsewhere = "AGORA_AIRFLOW_URL"
    least_start_seconds: ClassVar[float] = 600.0

    @property
    def mark(self) -> str:
        return str(self.folder)

    @property
    def log(self) -> Path:
        return self.output

    @property
    def version(self) -> str:
        found = sorted(HOME.glob("lib/python*/site-packages/apache_airflow-*.dist-info"))
        return found[-1].name.removeprefix("apache_airflow-").removesuffix(".dist-info") if found else ""

    @property
    def failures(self) -> Path:
        """A line of JSON for each task that failed for good."""
        return self.folder / "failures.jsonl"

    @property
    def password_file(self) -> Path:
        """Where the user's password is; its owner alone can read it."""
        return self.folder / "password"

    def lack(self) -> str:
        if not (HOME / "bin" / "python").exists():
            return f"Airflow's environment {HOME} is missing; make it with `make setup`"
        return "" if DAGS.is_dir() else f"the folder of DAGs {DAGS} is missing; run it from a copy of the project"

    def configure(self, chosen: Mapping[str, int]) -> None:
        keep_secret(self.folder / "passwords.json", json.dumps({USER: password(self.password_file)}))

    def command(self) -> Sequence[str]:
        return [str(HOME / "bin" / "python"), str(LAUNCHER), self.mark, self._place]

    def environment(self) -> Mapping[str, str]:
        """Those of this process and of the project's settings, which the commands of the DAGs see, and Airflow's own."""
        found = {name: value for name, value in environment_of(self.settings).items() if not name.startswith("AIRFLOW")}
        return found | {
            "PATH": f"{HOME / 'bin'}{os.pathsep}{found.get('PATH', os.defpath)}",
            "AIRFLOW_HOME": str(self.folder),
            "SPT_NOENV": "1",  # a part that gives itself a title would write it over its environment, by which leftovers are known
            **{f"AIRFLOW__{name}": str(value) for name, value in self._configuration().items()},
        }

    def _configuration(self) -> dict[str, Any]:
        return {
            "CORE__DAGS_FOLDER": DAGS,
            "CORE__LOAD_EXAMPLES": False,
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": 4,
            "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": self.folder / "passwords.json",
            "CORE__EXECUTION_API_SERVER_URL": f"{self._place}/execution/",
            "API__HOST": ports.HOST,
            "API__PORT": self.port,
            "API__BASE_URL": self._place,
            "API__WORKERS": 1,
            "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.folder / 'airflow.db'}",
            "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": ORPHANS_S,
            "LOGGING__BASE_LOG_FOLDER": self.folder / "logs",
            "USAGE_DATA_COLLECTION__ENABLED": False,
        }

    @property
    def _place(self) -> str:
        return f"http://{self.address}"

    def url(self) -> str:
        """Where clients find it, with user and password."""
        return f"http://{USER}:{quote(password(self.password_file), safe='')}@{self.address}"

    def answers(self, port: int) -> bool:
        return AirflowApi(f"http://{ports.HOST}:{port}").healthy()

    def open(self) -> None:
        """Make the pools that the DAGs name; one that is there keeps the slots that somebody gave it."""
        api = AirflowApi(self.url())
        for name, pool in json.loads((DAGS / "pools.json").read_text()).items():
            try:
                api.post("pools", {"name": name, **pool})
            except AirflowError as error:
                if error.status != TAKEN:
                    raise

    def leftovers(self) -> Sequence[psutil.Process]:
        """What was started by it, by a task even, wherever its parent is; but not the servers that a task has started for all.

        Nor the process that asks, which may have been told of the same home, and those that started it.
        """
        asking = psutil.Process()
        kept = self._servers() | {each.pid for each in (asking, *asking.parents())}
        return [each for each in psutil.process_iter() if each.pid not in kept and _home(each) == str(self.folder)]

    def _servers(self) -> set[int]:
        from pipelines.local_stack.stack import SERVERS

        leaders = [found for found in (server(self.settings).process.find() for server in SERVERS.values()) if found]
        return {process.pid for leader in leaders for process in (leader, *leader.children(recursive=True))}

    def stop(self) -> bool:
        """Stop it, then what its tasks run and what a killed leader left: asked first, so that a training ends at a checkpoint.

        No process of it is left.
        """
        process = self.process.find()
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
            psutil.wait_procs([process], self.stop_seconds)
        left = self.leftovers()
        for each in left:
            with suppress(psutil.NoSuchProcess):
                each.terminate()
        kill(psutil.wait_procs(left, TASKS_END_S)[1])
        return super().stop() or process is not None or bool(left)


def _home(process: psutil.Process) -> str:
    try:
        return process.environ().get("AIRFLOW_HOME", "")
    except (psutil.Error, OSError):
        return ""
