"""Policies by id, kept for an hour after they were put: whoever serves one need not read its checkpoint each time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import redis

from pipelines.sinks import redis_keys

POLICY_ID = re.compile(r"[A-Za-z0-9._-]{1,200}")


class PolicyCache:
    """Policies under `agent_policy:{id}`.

    Parameters
    ----------
    client : Redis; `redis_sink.connect` makes one.
    kept_seconds : after which a policy is forgotten.
    """

    def __init__(self, client: redis.Redis, kept_seconds: int = redis_keys.POLICY_SECONDS) -> None:
        self._client, self._kept = client, kept_seconds

    def put(self, policy_id: str, policy: Mapping[str, Any]) -> None:
        """Keep a policy (what JSON can hold: type, algorithm, figures, the folder of its checkpoint) from now on for its time."""
        self._client.set(key_of(policy_id), msgspec.json.encode(policy), ex=self._kept)

    def get(self, policy_id: str) -> dict[str, Any] | None:
        """The policy, or None if it was never put or has expired."""
        found: Any = self._client.get(key_of(policy_id))
        return None if found is None else msgspec.json.decode(found)

    def forget(self, policy_id: str) -> None:
        """Let a policy go before its time, as when it was trained anew."""
        self._client.delete(key_of(policy_id))


def key_of(policy_id: str) -> str:
    """The key of a policy. Raises ValueError for an id with other signs than keys may have."""
    if not POLICY_ID.fullmatch(policy_id):
        raise ValueError(f"{policy_id[:220]!r} is no policy id: 1 to 200 letters, digits, dots, dashes or underscores")
    return redis_keys.policy(policy_id)
