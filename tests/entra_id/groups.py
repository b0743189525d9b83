"""What the provisioning service does about one group: match, create, rename, members, delete."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from tests.entra_id.attribute_paths import JsonObject
from tests.entra_id.client import ScimClient, quoted
from tests.entra_id.dialects import (
    Dialect,
    attribute_operations,
    differences,
    group_document,
    member_additions,
    member_removals,
)
from tests.entra_id.directory import Group
from tests.entra_id.failures import NoAnswer, RequestFailed
from tests.entra_id.mapping import attributes_of_group
from tests.entra_id.state import GroupLink, UserLink
from tests.entra_id.users import Counted, delete_resource, match_one

GROUPS = "Groups"

MemberOperations = Callable[[Iterable[str], Dialect], list[JsonObject]]


@dataclass(frozen=True)
class GroupSynchronization:
    """Brings groups to the target; members are the users that `users` links.

    Every method returns the counters it moved and raises RequestFailed.
    """

    client: ScimClient
    dialect: Dialect
    links: dict[str, GroupLink]
    users: Mapping[str, UserLink]
    members_per_request: int

    def synchronize(self, group: Group) -> Counted:
        """Send what this group needs: nothing, a change, or a first contact."""
        if group.object_id not in self.links:
            return self._first_contact(group)
        try:
            changed = self._rename(group) | self._change_members(group)
        except RequestFailed as error:
            if error.failure.status != 404:
                raise
            # InvalidAnchor: the target lost the id, so Entra matches the group again.
            del self.links[group.object_id]
            return self._first_contact(group)
        return ("updated",) if changed else ("skipped",)

    def delete(self, object_id: str) -> Counted:
        """Delete a group that is gone from the directory; its users stay."""
        delete_resource(self.client, GROUPS, self.links[object_id].target_id)
        del self.links[object_id]
        return ("deleted",)

    def _first_contact(self, group: Group) -> Counted:
        found = self._match(group)
        return self._create(group) if found is None else self._link(group, found)

    def _match(self, group: Group) -> JsonObject | None:
        expression = f"displayName eq {quoted(group.display_name)}"
        return match_one(self.client, GROUPS, expression, excludedAttributes="members")

    def _create(self, group: Group) -> Counted:
        attributes = attributes_of_group(group)
        document = group_document(attributes)
        try:
            created = self.client.create(GROUPS, document)
        except NoAnswer:
            # The answer was lost, the group perhaps not: ask before a second POST.
            found = self._match(group)
            if found is not None:
                return self._link(group, found)
            created = self.client.create(GROUPS, document)
        self.links[group.object_id] = GroupLink(created["id"], dict(attributes))
        self._change_members(group)
        return ("created",)

    def _link(self, group: Group, found: JsonObject) -> Counted:
        wanted = attributes_of_group(group)
        known = {path: found[path] for path in wanted if found.get(path)}
        present = self._present_members(group, found["id"])
        self.links[group.object_id] = GroupLink(found["id"], known, present)
        changed = self._rename(group) | self._change_members(group)
        return ("linked", "updated") if changed else ("linked",)

    def _present_members(self, group: Group, target_id: str) -> dict[str, str]:
        """Ask member by member, since Entra never reads the list of a group it links."""
        here = f"id eq {quoted(target_id)}"
        return {
            object_id: user_id
            for object_id, user_id in self._wanted_members(group).items()
            if self.client.find(
                GROUPS, f"{here} and members eq {quoted(user_id)}", attributes="id"
            )
        }

    def _rename(self, group: Group) -> bool:
        link = self.links[group.object_id]
        changes = differences(link.sent, attributes_of_group(group))
        if not changes:
            return False
        operations = attribute_operations(changes, self.dialect)
        self.client.patch(GROUPS, link.target_id, operations)
        sent = {**link.sent, **{change.path: change.new for change in changes}}
        self.links[group.object_id] = replace(link, sent=sent)
        return True

    def _change_members(self, group: Group) -> bool:
        link, wanted = self.links[group.object_id], self._wanted_members(group)
        joining = {
            object_id: user_id
            for object_id, user_id in wanted.items()
            if link.members.get(object_id) != user_id
        }
        leaving = {
            object_id: user_id
            for object_id, user_id in link.members.items()
            if object_id not in wanted and object_id in self.users
        }
        self._send_members(link.target_id, joining, member_additions)
        self._send_members(link.target_id, leaving, member_removals)
        self.links[group.object_id] = replace(link, members=wanted)
        return bool(joining or leaving)

    def _wanted_members(self, group: Group) -> dict[str, str]:
        linked = [member for member in group.members if member in self.users]
        return {member: self.users[member].target_id for member in linked}

    def _send_members(
        self, target_id: str, members: dict[str, str], operations: MemberOperations
    ) -> None:
        for some in self._portions(members):
            self.client.patch(
                GROUPS, target_id, operations(some.values(), self.dialect)
            )

    def _portions(self, members: dict[str, str]) -> Iterator[dict[str, str]]:
        remaining = iter(members.items())
        while portion := dict(islice(remaining, self.members_per_request)):
            yield portion
