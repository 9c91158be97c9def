"""Every event type keeps the contract of check_event."""

import pytest

from pipelines.events.declarations import EVENT_TYPES, EventType
from tests.contracts.check_event import check_event


@pytest.mark.parametrize("event", EVENT_TYPES.values(), ids=list(EVENT_TYPES))
def test_event(event: EventType) -> None:
    check_event(event)
