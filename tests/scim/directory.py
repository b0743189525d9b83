"""What an organization's users and groups are, in plain dictionaries, and must be read as."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson
from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine, invariant

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from tests.scim.conftest import GROUPS, USERS, Answer, Document, Provisioning
from tests.scim.published import Published


@dataclass
class Known:
    """A resource as the model has it: what was written, and when that was said to be."""

    content: Document
    meta: Document
    members: set[str] = field(default_factory=set)


@dataclass
class Deleted:
    """Who is in the recycle bin, and the groups he was in."""

    content: Document
    teams: set[str]

    def is_same_as(self, wanted: Document) -> bool:
        """The same userName, unless externalIds differ; none of them is an object id."""
        mine, theirs = (each.get("externalId") for each in (self.content, wanted))
        is_named = is_equal("userName", self.content["userName"], wanted["userName"])
        return is_named and not (mine and theirs and mine != theirs)


OWN = {"schemas", "id", "meta", "groups", "members"}


def content_of(body: Document) -> Document:
    return {name: value for name, value in body.items() if name not in OWN}


def is_equal(name: str, left: str | None, right: str) -> bool:
    """Equal as `eq` means it: of these, externalId alone is case-exact (§3.1)."""
    if left is None or name == "externalId":
        return left == right
    return left.lower() == right.lower()


class Directory(RuleBasedStateMachine):
    """The model of one organization, and what must hold after each step.

    What an example does is undone at its end.
    """

    def __init__(self, client: Provisioning, published: Published) -> None:
        super().__init__()
        self.client, self.published = client, published
        self.savepoint = transaction.savepoint()
        shown = client.get(USERS).resources
        self.users = {
            each["id"]: Known(content_of(each), each["meta"]) for each in shown
        }
        self.protected = set(self.users)
        self.groups: dict[str, Known] = {}
        self.deleted: list[Deleted] = []
        self.events = self.recorded()

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    def recorded(self) -> int:
        return AuditEvent.objects.exclude(action=Action.REQUEST_REFUSED).count()

    def one_of(self, known: dict[str, Known], number: int) -> str:
        names = [each for each in known if each not in self.protected]
        return names[number % len(names)]

    def some_users(self, numbers: set[int]) -> list[str]:
        names = list(self.users)
        return sorted({names[number % len(names)] for number in numbers})

    @property
    def is_populated(self) -> bool:
        return len(self.users) > len(self.protected)

    def is_taken(
        self, known: dict[str, Known], name: str, wanted: Document, by: str | None
    ) -> bool:
        others = (each for key, each in known.items() if key != by)
        return any(is_equal(name, each.content[name], wanted[name]) for each in others)

    def was_refused(self, answer: Answer) -> None:
        assert (answer.status, answer.body["scimType"]) == (409, "uniqueness")
        assert self.recorded() == self.events

    def one_event_more(self) -> None:
        assert self.recorded() == self.events + 1
        self.events += 1

    def was_deleted(self, user: str) -> None:
        teams = {name for name, group in self.groups.items() if user in group.members}
        self.deleted.append(Deleted(self.users.pop(user).content, teams))
        for name in teams:
            self.groups[name].members.remove(user)
        self.have_changed(teams)
        self.one_event_more()

    def predecessor(self, wanted: Document) -> Deleted | None:
        """Return who comes again: the only one who is the same."""
        fitting = [each for each in self.deleted if each.is_same_as(wanted)]
        return fitting[0] if len(fitting) == 1 else None

    def was_succeeded(self, former: Deleted, user: str) -> None:
        """Row D19: he has his groups again, if they exist, and one event says so."""
        self.deleted.remove(former)
        teams = former.teams & self.groups.keys()
        for name in teams:
            self.groups[name].members.add(user)
        self.have_changed(teams)
        self.events += 1

    def have_changed(self, groups: set[str]) -> None:
        for name in groups:
            before = self.groups[name].meta
            after = self.client.get(f"{GROUPS}/{name}").body["meta"]
            assert after["version"] != before["version"]
            assert after["lastModified"] > before["lastModified"]
            self.groups[name].meta = after

    def was_replaced(self, user: str, wanted: Document, answer: Answer) -> None:
        if self.is_taken(self.users, "userName", wanted, user):
            self.was_refused(answer)
            return
        assert answer.status == 200, answer.content
        self.was_written(USERS, self.users, user, wanted, answer.body)

    def was_written(
        self,
        collection: str,
        known: dict[str, Known],
        name: str,
        content: Document,
        answered: Document | None,
        members: set[str] | None = None,
    ) -> None:
        read = self.client.get(f"{collection}/{name}").body
        before, after = known.get(name), Known(content, read["meta"], members or set())
        known[name] = after
        assert answered is None or read == answered
        assert content_of(read) == content
        self.was_recorded(before, after)
        for value in filter(None, (before, after)):
            self.is_found(collection, known, value.content)

    def was_recorded(self, before: Known | None, after: Known) -> None:
        """§3.1, rows F31, G15: what changes nothing leaves no trace."""
        if before is None:
            self.one_event_more()
        elif (before.content, before.members) == (after.content, after.members):
            assert _own(after.meta) == _own(before.meta)
            assert self.recorded() == self.events
        else:
            assert after.meta["lastModified"] > before.meta["lastModified"]
            assert after.meta["created"] == before.meta["created"]
            self.one_event_more()

    def is_found(
        self, collection: str, known: dict[str, Known], content: Document
    ) -> None:
        for name in {"userName", "externalId", "displayName"} & content.keys():
            for value in {content[name], content[name].swapcase()}:
                self.finds(collection, known, name, value)

    def finds(
        self, collection: str, known: dict[str, Known], name: str, value: str
    ) -> None:
        expression = f"{name} eq {orjson.dumps(value).decode()}"
        answer = self.client.get(collection, filter=expression)
        assert answer.status == 200, answer.content
        assert {each["id"] for each in answer.resources} == {
            key
            for key, each in known.items()
            if is_equal(name, each.content.get(name), value)
        }, expression

    @invariant()
    def what_is_listed_is_what_is_known(self) -> None:
        self.is_listed(USERS, self.users)
        self.is_listed(GROUPS, self.groups)

    def is_listed(self, collection: str, known: dict[str, Known]) -> None:
        answer = self.client.get(collection)
        assert answer.body["totalResults"] == len(known)
        shown = {each["id"]: each for each in answer.resources}
        assert {name: content_of(each) for name, each in shown.items()} == {
            name: each.content for name, each in known.items()
        }
        for name, each in shown.items():
            assert self.published.faults(each) == []
            assert each["meta"]["lastModified"] == known[name].meta["lastModified"]
            self.mirrors(name, each)

    def mirrors(self, name: str, shown: Document) -> None:
        """H17: who is a member shows the group, and the group shows who is a member."""
        if name in self.groups:
            members = {each["value"] for each in shown.get("members", [])}
            assert members == self.groups[name].members
            return
        assert {each["value"]: each["display"] for each in shown.get("groups", [])} == {
            group: known.content["displayName"]
            for group, known in self.groups.items()
            if name in known.members
        }


def _own(meta: Document) -> Document:
    """What `meta` says of the resource itself, and not of others that it shows."""
    return meta | {"version": meta["version"].partition("-")[0].rstrip('"')}
