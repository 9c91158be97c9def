"""A lake is a folder or a prefix of an object store; whatever else is named is refused in words."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from pipelines.apps.errors import show_error
from pipelines.places import ObjectFolder, check_endpoint, folder_of, place_named, remove, size_of, store_failure
from pipelines.settings import settings

LAKE = ObjectFolder("s3://market/lake")


def test_a_folder_becomes_absolute_and_stays_a_path(empty_folder: Path) -> None:
    assert place_named("tables") == empty_folder / "tables"
    assert place_named("~/tables") == Path.home() / "tables"


@pytest.mark.parametrize("text", ["s3://market/lake", "s3://market/lake/"])
def test_a_prefix_of_a_bucket(text: str) -> None:
    assert place_named(text) == LAKE
    assert place_named("s3://market") == ObjectFolder("s3://market")


@pytest.mark.parametrize("text", ["s3a://market/lake", "s3:/market/lake", "gs://market", "s3://Market/lake", "s3://market//lake"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a folder, or s3://bucket/prefix .* AWS_ENDPOINT_URL"):
        place_named(text)


def test_parts_are_put_together() -> None:
    assert str(LAKE / "silver" / "trades") == "s3://market/lake/silver/trades"
    assert LAKE / "" == LAKE
    assert (LAKE / "a").key == "lake/a"
    assert pickle.loads(pickle.dumps(LAKE)) == LAKE


def test_it_is_never_taken_for_a_path_of_this_machine() -> None:
    with pytest.raises(TypeError):
        Path(LAKE)  # type: ignore[arg-type]


def test_work_that_needs_a_folder_says_what_to_do_instead(tmp_path: Path) -> None:
    assert folder_of(tmp_path, "Spark SQL", "ask DuckDB") == tmp_path
    with pytest.raises(ValueError, match="Spark SQL needs tables in a folder, and s3://market/lake is an object store; ask DuckDB"):
        folder_of(LAKE, "Spark SQL", "ask DuckDB")


def test_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    assert size_of(tmp_path / "file") == 3
    remove(tmp_path / "file")
    remove(tmp_path / "file")
    with pytest.raises(FileNotFoundError):
        size_of(tmp_path / "file")


def test_an_address_that_the_client_would_refuse_is_named() -> None:
    check_endpoint("", http_allowed=False)
    check_endpoint("https://store:9000", http_allowed=False)
    check_endpoint("http://store:9000", http_allowed=True)
    with pytest.raises(ValueError, match="AWS_ENDPOINT_URL='store:9000': must begin with http:// or https://"):
        check_endpoint("store:9000", http_allowed=True)
    with pytest.raises(ValueError, match=r"AWS_ENDPOINT_URL='http://\*\*\*@store:9000': is not encrypted; .*AWS_ALLOW_HTTP=true"):
        check_endpoint("http://me:hidden@store:9000", http_allowed=False)


REFUSED = """Generic S3 error
  \x1b[31m↳\x1b[0m Error performing list request
   \x1b[31m↳\x1b[0m <?xml version="1.0"?>
<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist.</Message></Error>
"""
AWAY = """Generic S3 error
  \x1b[31m↳\x1b[0m Error performing list request
   \x1b[31m↳\x1b[0m tcp connect error
    \x1b[31m↳\x1b[0m Connection refused (os error 111)
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (REFUSED, "failed: NoSuchBucket: The specified bucket does not exist; see"),
        (AWAY, r"failed: tcp connect error: Connection refused \(os error 111\); see"),
        ("no cause at all", "failed: no cause at all; see"),
    ],
)
def test_a_failure_is_one_line(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        raise ValueError(store_failure(OSError(text), LAKE))


def test_the_setting_and_the_file_with_it(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("AWS_REGION", "AWS_ENDPOINT_URL", "AWS_SECRET_ACCESS_KEY")
    for name in names:  # set first, so that what .env brings into the environment is taken out again at the end
        monkeypatch.setenv(name, "before")
        monkeypatch.delenv(name)
    (empty_folder / ".env").write_text("AGORA_LAKE=s3://market/lake\nAWS_REGION=there\nAWS_SECRET_ACCESS_KEY=of-the-file\n")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-shell")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    assert settings().lake_dir == LAKE
    found = {name: value for name, value in os.environ.items() if name in names}
    assert found == {"AWS_REGION": "there", "AWS_SECRET_ACCESS_KEY": "of-the-shell"}


def test_credentials_in_the_address_are_refused_and_not_shown(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGORA_LAKE", "s3://me:hidden@market/lake")
    with pytest.raises(ValueError, match="AGORA_LAKE='s3://\\*\\*\\*@market/lake'.*AWS_SECRET_ACCESS_KEY") as refused:
        settings()
    show_error(refused.value)
    assert "hidden" not in capsys.readouterr().err
