"""TCP ports of the loopback interface: free ones, busy ones, and who holds them."""

from __future__ import annotations

import socket

import psutil

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a closed connection's remains do not count
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody listens on, chosen by the system."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def holder(port: int) -> str:
    """Who listens on the port, in words: `python3 (process 4711)`."""
    try:
        pids = [c.pid for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port]
        names = [f"{psutil.Process(pid).name()} (process {pid})" for pid in pids if pid]
    except psutil.Error:  # not ours to look at, or gone meanwhile
        names = []
    return ", ".join(dict.fromkeys(names)) or "a process of another user"


def is_listening(port: int, host: str = HOST, timeout: float = 1.0) -> bool:
    """Whether somebody accepts connections on the port."""
    try:
        with socket.create_connection((host, port), timeout):
            return True
    except OSError:
        return False
