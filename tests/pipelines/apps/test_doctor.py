"""`agora doctor` shows each finding, and its exit code tells whether the machine will do."""

from __future__ import annotations

import json

import pytest

from pipelines.apps import doctor, main
from pipelines.local_stack.checks import Finding, Verdict

FINE = Finding("java", Verdict.FINE, "17")
TIGHT = Finding("memory", Verdict.TIGHT, "3 GiB", "close other programs")
LACKING = Finding("jars", Verdict.LACKING, "none", "run `make setup`")


@pytest.mark.parametrize(("findings", "code"), [([FINE], 0), ([FINE, TIGHT], 0), ([FINE, LACKING, TIGHT], 1)])
def test_the_exit_code(findings: list[Finding], code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "check_all", lambda settings, machine: findings)
    assert main.main(["doctor"]) == code
    shown = capsys.readouterr().out
    assert all(finding.found in shown and finding.fix in shown for finding in findings)
    assert main.main(["doctor", "--json"]) == code
    said = json.loads(capsys.readouterr().out)
    assert said["healthy"] is (code == 0)
    assert [found["verdict"] for found in said["findings"]] == [finding.verdict for finding in findings]
