"""A real PostgreSQL on the loopback interface, from the programs that the system has. It refuses to run as root."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from pipelines.local_stack import ports
from pipelines.local_stack.process import ServerError
from pipelines.local_stack.secret import password
from pipelines.local_stack.server import LocalServer
from pipelines.local_stack.server_user import as_server_user, hand_over, lack_of_user

SYSTEM_FOLDERS = "postgresql/*/bin/postgres"  # under /usr/lib, a folder for each major version
NO_PROGRAM = "there is no PostgreSQL; install it (Debian and Ubuntu: apt-get install postgresql) or set AGORA_DATABASE_URL to another one"
CONFIGURATION = """\
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
shared_buffers = 32MB
max_connections = 50
logging_collector = off
"""


@dataclass(frozen=True)
class PostgresServer(LocalServer):
    """The local PostgreSQL of one data folder."""

    name = "postgres"
    title = "PostgreSQL"
    elsewhere = "AGORA_DATABASE_URL"
    stop_request = signal.SIGINT  # "fast": clients that are still connected are not waited for

    @property
    def mark(self) -> str:
        return str(self.folder / "data")

    @property
    def log(self) -> Path:
        return self.output

    @property
    def version(self) -> str:
        program = find_postgres()
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout if program else ""
        found = re.search(r"[0-9.]+", said)
        return found[0] if found else ""

    def lack(self) -> str:
        return lack_of_user(self.settings, self.title) if find_postgres() else NO_PROGRAM

    def configure(self, chosen: Mapping[str, int]) -> None:
        if not (Path(self.mark) / "PG_VERSION").exists():
            self._make_data()
        (Path(self.mark) / "agora.conf").write_text(CONFIGURATION.format(host=ports.HOST, **chosen))

    def command(self) -> Sequence[str]:
        return as_server_user(self.settings, [str(find_postgres()), "-D", self.mark])

    def leftovers(self) -> Sequence[psutil.Process]:
        """What serves connections ends some moments after the leader that was killed, and holds the shared memory until then."""
        running = psutil.process_iter(["name", "cwd"])
        return [process for process in running if (process.info["name"], process.info["cwd"]) == ("postgres", self.mark)]

    def answers(self, port: int) -> bool:
        return is_postgres(self._url("postgres"))

    def open(self) -> None:
        """Make the database, once."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(_plain(self._url("postgres")), autocommit=True) as connection:
            name = self.settings.postgres_db
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def url(self) -> str:
        """Where clients find its database, as SQLAlchemy takes it, with the owner's password."""
        return self._url(self.settings.postgres_db)

    def _url(self, database: str) -> str:
        user, secret = self._owner()
        return f"postgresql+psycopg://{user}:{quote(secret, safe='')}@{self.address}/{database}"

    def _owner(self) -> tuple[str, str]:
        """User and password as set at the first start; what the settings say afterwards does not change them."""
        name = password(self.folder / "owner", self.settings.postgres_user)
        return name, password(self._secret, self.settings.postgres_password)

    @property
    def _secret(self) -> Path:
        return self.folder / "owner.password"

    def _make_data(self) -> None:
        """Make the empty data folder; a half made one of a try that was killed is begun anew."""
        user, _ = self._owner()
        half = self.folder / "data.new"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        hand_over(self.settings, half)
        program = (find_postgres() or self.folder).parent / "initdb"
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", f"--username={user}", f"--pwfile={self._secret}"]
        done = subprocess.run(
            as_server_user(self.settings, [str(program), "-D", str(half), *options]), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise ServerError(f"PostgreSQL could not make its data folder: {(done.stderr or done.stdout).strip()[-500:]}")
        with (half / "postgresql.conf").open("a") as file:
            file.write("include = 'agora.conf'\n")
        half.rename(self.mark)


def find_postgres() -> Path | None:
    """The newest postgres program of the system, otherwise the one on the path; None if there is none."""
    found = sorted(Path("/usr/lib").glob(SYSTEM_FOLDERS), key=lambda program: int(re.sub(r"\D", "", program.parts[-3]) or 0))
    installed = shutil.which("postgres")
    return found[-1] if found else Path(installed) if installed else None


def _plain(url: str) -> str:
    """A SQLAlchemy URL as psycopg itself takes it."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)


def is_postgres(url: str) -> bool:
    """Whether a PostgreSQL answers there that takes queries and the password."""
    import psycopg

    try:
        with psycopg.connect(_plain(url), connect_timeout=2, autocommit=True) as connection:
            return connection.execute("SELECT 1").fetchone() is not None
    except (psycopg.Error, OSError):
        return False
