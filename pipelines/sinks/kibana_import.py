"""Gives a Kibana the objects of `kibana_objects` over its REST interface; what is there already is replaced."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3

from pipelines.ports import StoreUnavailable
from pipelines.sinks.kibana_objects import files

TIMEOUT_S = 60.0
BUSY = (408, 429, 500, 502, 503, 504)


def load(address: str) -> int:
    """Import every file into the Kibana at http[s]://[user:password@]host:port; how many objects it took.

    Raises StoreUnavailable while it does not answer or is still starting, ValueError for what it refuses.
    """
    return sum(_imported(address, name, text) for name, text in files().items())


def _imported(address: str, name: str, text: str) -> int:
    parts = urlsplit(address)
    shown = f"{parts.scheme}://{parts.hostname}:{parts.port}"
    headers = {"kbn-xsrf": "agora"}
    if parts.username:
        headers |= urllib3.make_headers(basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")
    url = f"{shown}{parts.path.rstrip('/')}/api/saved_objects/_import?overwrite=true"
    try:
        answer = urllib3.request("POST", url, headers=headers, fields={"file": (name, text)}, timeout=TIMEOUT_S, retries=False)
    except urllib3.exceptions.HTTPError as error:
        raise StoreUnavailable(f"Kibana at {shown} does not answer ({error})") from error
    if answer.status in BUSY:
        raise StoreUnavailable(f"Kibana at {shown} is not ready ({answer.status})")
    if answer.status != 200:
        said = answer.data[:300].decode(errors="replace")
        raise ValueError(f"Kibana at {shown} refuses {name}: {answer.status} {said}; see user and password in AGORA_KIBANA_URL")
    result: dict[str, Any] = answer.json()
    if not result["success"]:
        raise ValueError(f"Kibana at {shown} did not take all of {name}: {result.get('errors')}; is it of version 9?")
    return int(result["successCount"])
