"""The question of the benchmark of tables: about what is complete, and answered alike before and after maintenance."""

from __future__ import annotations

from pathlib import Path

from pipelines.apps.bench import tables
from spark_jobs.catalog import table
from spark_jobs.maintain import Maintenance, maintain
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import block, kafka


def test_the_question_is_about_what_all_runs_have_and_its_answer_stays(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for number in range(8):
        rows = [{"seq": number, "symbol": 1, "size": 2}]
        short = [kafka((block("orders", rows, number - 1, run="short"), number))] if number < 5 else []
        bench.batch(number, [kafka((block("orders", rows, number - 1, run="long"), number + 100))], short)
    question = tables.asked_question(bench.lake)
    assert question.endswith("BETWEEN 1 AND 3")
    before = tables.by_duckdb(bench.lake, question)
    assert before == [(6, 12, 100, 100)]
    assert tables.file_counts(bench.lake)["silver.orders"] == 13
    maintain(Maintenance(bench.lake, tmp_path / "journal", apply=True), [table("silver.orders")])
    assert tables.file_counts(bench.lake)["silver.orders"] == 2
    assert tables.by_duckdb(bench.lake, question) == before
