"""Connecting to Elasticsearch, and its errors in the words of the ports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from elastic_transport import TlsError, TransportError
from elasticsearch import ApiError, Elasticsearch, UnsupportedProductError

from pipelines.ports import StoreUnavailable

TIMEOUT_S = 60.0
BUSY = (408, 429, 500, 502, 503, 504)
"""What a server answers that may do it later; 429 also while its disk is too full."""
DENIED = (401, 403)


def connected(address: str) -> Elasticsearch:
    """A client of the server at http[s]://[user:password@]host:port. Nothing is sent yet, nothing is tried twice."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.port:
        raise ValueError(f"{shown(address)!r} is no address of Elasticsearch; give http://host:port in AGORA_ELASTICSEARCH_URL")
    user = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    bare = f"{parts.scheme}://{parts.hostname}:{parts.port}"
    return Elasticsearch(bare, basic_auth=user, request_timeout=TIMEOUT_S, max_retries=0, retry_on_timeout=False)


def shown(address: str) -> str:
    """The address without user and password."""
    scheme, mark, rest = address.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"


@contextmanager
def told(address: str) -> Iterator[None]:
    """Raises StoreUnavailable for what may pass, ValueError for what will not; mistakes of this program pass through."""
    at = shown(address)
    try:
        yield
    except UnsupportedProductError:
        raise ValueError(f"what answers at {at} is not Elasticsearch; set AGORA_ELASTICSEARCH_URL to one of version 9") from None
    except TlsError as error:
        raise ValueError(
            f"{at} has no certificate that this machine trusts: {error.message}; use its https name and its authority"
        ) from None
    except TransportError as error:
        raise StoreUnavailable(f"Elasticsearch at {at} does not answer ({error.message}); see `agora stack status`") from error
    except ApiError as error:
        raise _told(at, error) from error


def _told(at: str, error: ApiError) -> Exception:
    reason = str(error)
    if error.meta.status in BUSY or "cluster_block" in reason or "maximum normal shards open" in reason:
        return StoreUnavailable(f"Elasticsearch at {at} cannot take it now: {reason[:400]}; look at its disk, its memory and its shards")
    if error.meta.status in DENIED:
        return ValueError(f"Elasticsearch at {at} denies it: {reason[:400]}; see user and password in AGORA_ELASTICSEARCH_URL")
    if "media_type_header" in reason or "Accept version" in reason:
        return ValueError(f"Elasticsearch at {at} is older than version 9; use one of version 9")
    return error
