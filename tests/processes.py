"""Looking at processes that may end meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import psutil


def alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that run still, and not another process with the same id."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def listening(processes: Iterable[psutil.Process]) -> set[str]:
    """The addresses that they accept TCP connections on."""
    found: set[str] = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            found |= {c.laddr.ip for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    return found
