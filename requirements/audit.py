"""Audits the dependencies: `make lint` and, where known vulnerabilities are to fail, `make audit`.

Always, and without a network: every entry of a lock is one version with hashes, and what the product runs on has a licence
that its users can live with. Known vulnerabilities are asked of the OSV database, all locks in one request. An advisory may be
published at any time, and a lint that was green must stay so for the same files: so `make lint` shows them, and `make audit`
(--strict) fails for them, also if nobody answers.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, NamedTuple

LOCKS = Path(__file__).parent
BY_VERSION_ALONE = {"torch.txt"}  # which build fits depends on the machine (compile.sh)
RUNTIME = "runtime.txt"
ENTRY = re.compile(r"([A-Za-z0-9._-]+)==(\S+)( ;.*?)?((?: --hash=sha256:[0-9a-f]{64})*)")
COPYLEFT = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public|Affero|SSPL|BUSL|Commons Clause|Proprietary", re.IGNORECASE)
SERVICE = "https://api.osv.dev/v1/querybatch"
TIMEOUT_S = 5.0
ACCEPTED: dict[str, str] = {}
"""Advisories that do not concern us, by id, each with the reason."""


class Pin(NamedTuple):
    """A version that a lock names."""

    name: str
    version: str
    lock: str


def entries(text: str) -> Iterator[str]:
    """The entries of a lock, each on one line and without comments."""
    joined = re.sub(r"\s*\\\n\s*", " ", re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE))
    yield from (line.strip() for line in joined.splitlines() if line.strip())


def read_locks(folder: Path) -> tuple[list[Pin], list[str]]:
    """All pins, and what is wrong with the locks, in words."""
    pins: list[Pin] = []
    problems: list[str] = []
    for lock in sorted(folder.glob("*.txt")):
        for entry in entries(lock.read_text()):
            found = ENTRY.fullmatch(entry)
            if not found:
                problems.append(f"{lock.name}: {entry[:60]!r} is not one version with hashes; recompile it with requirements/compile.sh")
                continue
            pins.append(Pin(found[1], found[2], lock.name))
            if not found[4] and lock.name not in BY_VERSION_ALONE:
                problems.append(f"{lock.name}: {found[1]} has no hash; recompile it with requirements/compile.sh")
    return pins, problems


def licence_of(name: str) -> str:
    """What an installed package says of its licence; empty if it says nothing, or is not installed."""
    try:
        said: Any = metadata(name)
    except PackageNotFoundError:
        return ""
    if said.get("License-Expression"):
        return str(said["License-Expression"])
    classifiers = [each.split(" :: ") for each in said.get_all("Classifier") or [] if each.startswith("License ::")]
    named = [parts[-1] for parts in classifiers if parts[-1] != "OSI Approved"]
    return ", ".join(named) or (said.get("License") or "")[:200]


def licence_problems(pins: Sequence[Pin]) -> list[str]:
    """The packages of the product whose licence is unknown, or asks of a user's own work what ours does not."""
    problems = []
    for name in sorted({name for name, _, lock in pins if lock == RUNTIME}):
        licence = licence_of(name)
        if not licence:
            problems.append(f"{RUNTIME}: {name} says nothing of its licence, or is not installed; run `make setup`, or look for another")
        elif COPYLEFT.search(licence):
            problems.append(f"{RUNTIME}: {name} has the licence {licence}, which asks more of users than MIT does; look for another")
    return problems


def advisories(pins: Sequence[Pin], service: str) -> dict[tuple[str, str], list[str]]:
    """Ids of the known vulnerabilities by name and version, but for accepted ones. Raises OSError or ValueError if nobody answers."""
    wanted = sorted({(name, version) for name, version, _ in pins})
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in wanted]
    body = json.dumps({"queries": queries}).encode()
    request = urllib.request.Request(service, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        results = json.load(answer)["results"]
    found = {}
    for package, result in zip(wanted, results, strict=True):
        ids = [each["id"] for each in result.get("vulns", []) if each["id"] not in ACCEPTED]
        if ids:
            found[package] = ids
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit; 1 if something is wrong."""
    parser = argparse.ArgumentParser(description="Audit the locked dependencies.")
    parser.add_argument("--strict", action="store_true", help="fail for known vulnerabilities, too")
    parser.add_argument("--service", default=SERVICE, help="where the OSV database answers")
    parser.add_argument("--locks", type=Path, default=LOCKS, help="folder of the locks")
    chosen = parser.parse_args(arguments)
    pins, problems = read_locks(chosen.locks)
    problems += licence_problems(pins)
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if vulnerable(pins, chosen.service, chosen.strict) or problems else 0


def vulnerable(pins: Sequence[Pin], service: str, strict: bool) -> bool:
    """Show the known vulnerabilities; whether they are a reason to fail."""
    try:
        found = advisories(pins, service)
    except (OSError, ValueError, KeyError) as error:
        print(f"known vulnerabilities were not looked up: {service} cannot be asked ({error})", file=sys.stderr)
        return strict
    for (name, version), ids in found.items():
        print(f"{'error' if strict else 'warning'}: {name} {version} has known vulnerabilities: {', '.join(ids)}", file=sys.stderr)
    if found:
        print(
            "upgrade with requirements/compile.sh --upgrade-package NAME, or accept one with its reason in requirements/audit.py",
            file=sys.stderr,
        )
    return strict and bool(found)


if __name__ == "__main__":
    sys.exit(main())
