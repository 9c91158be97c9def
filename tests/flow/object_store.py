"""A real S3-compatible object store on free ports of the loopback interface: SeaweedFS, which lets in who has its key."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyarrow.fs import S3FileSystem

from pipelines.local_stack.ports import HOST, is_free, is_listening

BUCKET = "market"
USER, KEY = "agora-lake", "Jw8-oQ2hTkk4vN"
PARTS = ("master", "volume", "filer", "s3")
START_S = 60.0


@contextmanager
def object_store(folder: Path) -> Iterator[dict[str, str]]:
    """The variables by which clients reach it; it has one empty bucket, and is stopped at the end."""
    folder.mkdir()
    identity = {"name": USER, "credentials": [{"accessKey": USER, "secretKey": KEY}], "actions": ["Admin"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    ports = dict(zip((f"{part}.port{kind}" for part in PARTS for kind in ("", ".grpc")), _ports(2 * len(PARTS)), strict=True))
    program = Path(sys.executable).with_name("weed")
    options = [f"-{name}={port}" for name, port in ports.items()]
    options += [f"-dir={folder}", f"-ip={HOST}", f"-ip.bind={HOST}", f"-s3.config={folder / 's3.json'}"]
    options += ["-filer", "-s3", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false", "-master.volumeSizeLimitMB=64"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen([program, "server", *options], stdout=log, stderr=log, env=os.environ | {"TMPDIR": str(folder)})
    try:
        _wait(server, ports["s3.port"], folder / "log")
        endpoint = f"http://{HOST}:{ports['s3.port']}"
        opened(endpoint).create_dir(BUCKET)
        yield {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": USER,
            "AWS_SECRET_ACCESS_KEY": KEY,
        }
    finally:
        server.kill()  # asked to stop, it waits ten seconds for other servers
        server.wait()
        for socket in (socket for port in ports.values() for socket in Path("/tmp").glob(f"seaweedfs-*-{port}.sock")):
            socket.unlink()


def opened(endpoint: str) -> S3FileSystem:
    """The store as another client than the product's sees it."""
    return S3FileSystem(access_key=USER, secret_key=KEY, endpoint_override=endpoint, region="us-east-1", allow_bucket_creation=True)


def _ports(count: int) -> range:
    """Free ports in a row, below those that the system gives connections: its own parts' would take them while it starts."""
    begins = range(20_000 + os.getpid() % 1000 * count, 32_000, count)
    return next(ports for ports in (range(begin, begin + count) for begin in begins) if all(is_free(port) for port in ports))


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_S
    while not is_listening(port):
        if server.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"SeaweedFS does not answer\n{log.read_text()[-2000:]}")
        time.sleep(0.1)
