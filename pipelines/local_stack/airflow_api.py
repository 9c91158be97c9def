"""Airflow's REST API, as far as it is used here."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit
from urllib.request import Request, urlopen

TIMEOUT_S = 60.0
UNKNOWN, TAKEN = 404, 409
PARTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")


class AirflowError(OSError):
    """Airflow does not answer, or refuses; `status` is that of HTTP, 0 without an answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class AirflowApi:
    """One Airflow. Nothing is sent before the first call.

    Parameters
    ----------
    url : http://user:password@host:port, as AGORA_AIRFLOW_URL has it.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.place = f"{parts.scheme}://{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}{parts.path.rstrip('/')}"
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._token = ""

    def get(self, path: str) -> Any:
        """The answer to GET /api/v2/path. Raises AirflowError."""
        return self._call("GET", path)

    def post(self, path: str, body: Any) -> Any:
        """The answer to a POST. Raises AirflowError."""
        return self._call("POST", path, body)

    def patch(self, path: str, body: Any) -> Any:
        """The answer to a PATCH. Raises AirflowError."""
        return self._call("PATCH", path, body)

    def healthy(self) -> bool:
        """Whether all parts of it are well."""
        try:
            told = self._send("GET", "/api/v2/monitor/health")
        except AirflowError:
            return False
        return all(told.get(part, {}).get("status") == "healthy" for part in PARTS)

    def asset_id(self, uri: str) -> int | None:
        """The number of an asset by its whole URI; None if no DAG that was read knows it."""
        found = self.get(f"assets?uri_pattern={quote(uri, safe='')}")["assets"]
        return next((int(asset["id"]) for asset in found if asset["uri"] == uri), None)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        for fresh in (False, True):
            if fresh or not self._token:
                self._token = self._send("POST", "/auth/token", {"username": self._user, "password": self._password})["access_token"]
            try:
                return self._send(method, f"/api/v2/{path}", body)
            except AirflowError as error:
                if fresh or error.status != 401:
                    raise
        return None

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self._token}"} if self._token else {})}
        request = Request(self.place + path, None if body is None else json.dumps(body).encode(), headers, method=method)
        try:
            with urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.loads(answer.read() or b"{}")
        except HTTPError as error:
            said = error.read().decode(errors="replace")[:300]
            raise AirflowError(f"Airflow at {self.place} answers {error.code} to {method} {path}: {said}", error.code) from None
        except (URLError, OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise AirflowError(f"Airflow at {self.place} does not answer ({reason}); see `agora airflow status`") from None
