"""Processor time of a process and of all that it started."""

from __future__ import annotations

import psutil


def seconds_below(process_id: int) -> dict[psutil.Process, float]:
    """Seconds so far of that process, which comes first, and of each below it. What has ended tells no more and is left out."""
    found: dict[psutil.Process, float] = {}
    try:
        top = psutil.Process(process_id)
        family = [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return found
    for process in family:
        try:
            used = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        found[process] = used.user + used.system
    return found
