"""Processor time is that of a process and of all below it, and of nobody else."""

from __future__ import annotations

import os
import subprocess
import sys

from pipelines.apps.bench.processor_time import seconds_below

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "sum(range(10_000_000)); print('done', flush=True); input()"], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
input()
child.kill()
"""


def test_a_process_comes_first_and_what_it_started_is_counted_until_it_ends() -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", PARENT], text=True, **pipes) as parent:
        assert parent.stdout and parent.stdin
        child = int(parent.stdout.readline())
        found = {process.pid: seconds for process, seconds in seconds_below(parent.pid).items()}
        assert list(found) == [parent.pid, child]
        assert found[child] > 0.05
        assert parent.pid in {process.pid for process in seconds_below(os.getpid())}
        parent.stdin.write("\n")
    assert seconds_below(parent.pid) == {}
