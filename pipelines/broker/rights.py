"""What each principal may do on Kafka: one table, derived from the table of topics, and its application to a broker.

Nobody may do more than stands here: a broker of this product refuses what no rule allows. The administrator is a superuser by the
broker's own configuration. Nobody but the worker, who writes the truth, its own query, and the auditor, who proves that nothing of it is
lost, may read evaluation.labels, or even learn how much lies there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    UserScramCredentialUpsertion,
)
from kafka.admin import ScramMechanism as Mechanism

from pipelines.broker.admin import admin
from pipelines.events.topics import CONSUMERS, SCHEMAS, TOPICS, topic
from pipelines.kafka_access import Access, Principal, sink_principal

ITERATIONS = 4096
SINKS = tuple(name for name in CONSUMERS if name != "bronze")
TRUTH = ("labels",)
OPEN = tuple(each.event for each in TOPICS if each.event not in TRUTH)
"""The event types that every reader may see."""


class Right(NamedTuple):
    """That a principal may do something with a topic, or with a consumer group of that name."""

    principal: str
    operation: ACLOperation
    name: str
    kind: ResourceType = ResourceType.TOPIC


def rights() -> frozenset[Right]:
    """Everything that is allowed."""
    simulated = [each.event for each in TOPICS if each.event != "alerts"]
    found = [
        *_reads(Principal.WORKER, _topics(each.event for each in TOPICS)),  # a restarted world reads back what it sent
        *_writes(Principal.WORKER, _topics(simulated)),
        *_reads(Principal.WORKER, [SCHEMAS.name]),  # compared before it begins, and completed
        *_writes(Principal.WORKER, [SCHEMAS.name]),
        *_consumer(Principal.STREAM, "bronze", OPEN),
        *_writes(Principal.STREAM, _topics(["alerts"])),
        *_consumer(Principal.LABELS, "bronze", TRUTH),
        *_reads(Principal.LABELS, _topics(["worlds"])),  # what ids mean
        *_reads(Principal.DETECTOR, _topics(OPEN)),
        *_writes(Principal.DETECTOR, _topics(["alerts"])),
        *_reads(Principal.VIEWER, _topics(OPEN)),
        *_reads(Principal.AUDITOR, _topics(each.event for each in TOPICS)),
        *_reads(Principal.AUDITOR, [each.dead_letters(name) for each in TOPICS for name in CONSUMERS if each.event in CONSUMERS[name]]),
    ]
    for name in SINKS:
        found += _sink(name)
    return frozenset(found)


def _sink(name: str) -> list[Right]:
    """A sink reads its topics and what ids mean, and shows how far it is as a group of its name."""
    who = sink_principal(name)
    group = [Right(who, ACLOperation.READ, f"sink-{name}", ResourceType.GROUP)]
    return [*_consumer(who, name, CONSUMERS[name]), *_reads(who, _topics(["worlds"])), *group]


def _consumer(who: Principal, name: str, events: Iterable[str]) -> list[Right]:
    events = tuple(events)
    return [*_reads(who, _topics(events)), *_writes(who, [topic(event).dead_letters(name) for event in events])]


def _topics(events: Iterable[str]) -> list[str]:
    return [topic(event).name for event in events]


def _reads(who: Principal, names: Iterable[str]) -> list[Right]:
    return [Right(who, ACLOperation.READ, name) for name in names]  # reading and writing imply seeing


def _writes(who: Principal, names: Iterable[str]) -> list[Right]:
    return [Right(who, ACLOperation.WRITE, name) for name in names]


class Secured(NamedTuple):
    """What was changed: users made or given their password again, rights given and taken."""

    users: int
    given: int
    taken: int


def secure(owner: Access, passwords: Mapping[str, str], *, renew: bool = False) -> Secured:
    """Make the users that lack and give each principal exactly the rights of the table. May be called again and again.

    owner may administer the cluster. passwords : by user, made as SCRAM-SHA-512; with renew those of users that exist are set again.
    Rights of these principals that are not in the table are taken from them. PermissionError if the owner may not do it.
    """
    with admin(owner) as client:
        users = _make_users(client, passwords, renew)
        wanted, there = rights(), _rights_there(client)
        _give(client, wanted - there)
        _take(client, there - wanted)
    return Secured(users, len(wanted - there), len(there - wanted))


def _make_users(client: Any, passwords: Mapping[str, str], renew: bool) -> int:
    there = {} if renew or not passwords else client.describe_user_scram_credentials()
    lacking = {user: password for user, password in passwords.items() if renew or not there.get(user, {}).get("credential_infos")}
    made = [UserScramCredentialUpsertion(user, Mechanism.SCRAM_SHA_512, password, ITERATIONS) for user, password in lacking.items()]
    failed = {user: error for user, error in client.alter_user_scram_credentials(made).items() if error} if made else {}
    if failed:
        raise PermissionError(f"the broker did not make the users {', '.join(failed)}: {_short(next(iter(failed.values())))}")
    return len(made)


def _short(text: str) -> str:
    return text if len(text) < 200 else "the user that asks may not alter the cluster; act as agora-admin"


def _rights_there(client: Any) -> frozenset[Right]:
    """The rules that the broker has for the principals of the table."""
    everything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    rules, _ = client.describe_acls(ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ALLOW, everything))
    ours = {f"User:{principal}" for principal in Principal}
    return frozenset(
        Right(
            rule.principal.removeprefix("User:"), rule.operation, rule.resource_pattern.resource_name, rule.resource_pattern.resource_type
        )
        for rule in rules
        if rule.principal in ours and rule.resource_pattern.pattern_type is ACLResourcePatternType.LITERAL
    )


def _give(client: Any, lacking: Iterable[Right]) -> None:
    if rules := [ACL(*_rule(right), ResourcePattern(right.kind, right.name)) for right in sorted(lacking)]:
        failed = client.create_acls(rules)["failed"]
        if failed:
            raise PermissionError(f"the broker refused {len(failed)} of {len(rules)} rights: {failed[0].__name__}; act as agora-admin")


def _take(client: Any, surplus: Iterable[Right]) -> None:
    literal = ACLResourcePatternType.LITERAL
    if filters := [ACLFilter(*_rule(right), ResourcePatternFilter(right.kind, right.name, literal)) for right in sorted(surplus)]:
        client.delete_acls(filters)


def _rule(right: Right) -> tuple[str, str, ACLOperation, ACLPermissionType]:
    return f"User:{right.principal}", "*", right.operation, ACLPermissionType.ALLOW
