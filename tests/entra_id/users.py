"""What the provisioning service does about one user: match, create, link, change, delete."""

from dataclasses import dataclass

from tests.entra_id.attribute_paths import JsonObject, read
from tests.entra_id.client import ScimClient, quoted
from tests.entra_id.dialects import (
    Change,
    Dialect,
    attribute_operations,
    differences,
    user_document,
)
from tests.entra_id.directory import User
from tests.entra_id.failures import Failure, NoAnswer, RequestFailed
from tests.entra_id.mapping import AttributeMapping, Attributes
from tests.entra_id.state import UserLink

USERS = "Users"

Counted = tuple[str, ...]


@dataclass(frozen=True)
class UserSynchronization:
    """Brings users to the target and keeps `links` in step with what it did there.

    Every method returns the counters it moved and raises RequestFailed.
    """

    client: ScimClient
    mapping: AttributeMapping
    dialect: Dialect
    links: dict[str, UserLink]
    absent: dict[str, str]

    def synchronize(self, user: User) -> Counted:
        """Send what this user needs: nothing, a change, or a first contact."""
        link = self.links.get(user.object_id)
        if link is None:
            return (
                ("skipped",)
                if self._is_of_no_concern(user)
                else self._first_contact(user)
            )
        changes = differences(link.sent, self._wanted(user))
        try:
            self._patch(link.target_id, changes)
        except RequestFailed as error:
            return self._after_refusal(user, error)
        self._remember(user, link, changes)
        return (_name_of(changes),)

    def delete(self, object_id: str) -> Counted:
        """Delete a purged user, unless he was unassigned and so left management."""
        link = self.links[object_id]
        if link.in_scope:
            delete_resource(self.client, USERS, link.target_id)
        del self.links[object_id]
        return ("deleted",) if link.in_scope else ("skipped",)

    def _is_of_no_concern(self, user: User) -> bool:
        known_absent = self.absent.get(user.object_id) == user.user_principal_name
        return not user.assigned or (known_absent and not user.is_active)

    def _wanted(self, user: User) -> Attributes:
        # Who leaves the scope is disabled and otherwise left as he is.
        return self.mapping.attributes_of(user) if user.assigned else {"active": False}

    def _first_contact(self, user: User) -> Counted:
        found = self._match(user)
        if found is not None:
            return self._link(user, found)
        if user.is_active:
            return self._create(user)
        # Entra does not create disabled users ("How application provisioning works").
        self.absent[user.object_id] = user.user_principal_name
        return ("skipped",)

    def _match(self, user: User) -> JsonObject | None:
        return match_one(
            self.client, USERS, f"userName eq {quoted(user.user_principal_name)}"
        )

    def _create(self, user: User) -> Counted:
        wanted = self._wanted(user)
        document = user_document(wanted, self.dialect)
        try:
            created = self.client.create(USERS, document)
        except NoAnswer:
            # The answer was lost, the account perhaps not: ask before a second POST.
            found = self._match(user)
            if found is not None:
                return self._link(user, found)
            created = self.client.create(USERS, document)
        self.links[user.object_id] = UserLink(created["id"], dict(wanted))
        return ("created",)

    def _link(self, user: User, found: JsonObject) -> Counted:
        wanted = self._wanted(user)
        current = {path: read(found, path) for path in wanted}
        known = {path: value for path, value in current.items() if value is not None}
        changes = differences(known, wanted)
        self._patch(found["id"], changes)
        self.links[user.object_id] = UserLink(found["id"], dict(wanted))
        return ("linked", _name_of(changes)) if changes else ("linked",)

    def _patch(self, target_id: str, changes: list[Change]) -> None:
        if changes:
            operations = attribute_operations(changes, self.dialect)
            self.client.patch(USERS, target_id, operations)

    def _after_refusal(self, user: User, error: RequestFailed) -> Counted:
        if error.failure.status != 404:
            raise error
        # InvalidAnchor: the target lost the id, so Entra matches the user again.
        del self.links[user.object_id]
        return (
            ("skipped",) if self._is_of_no_concern(user) else self._first_contact(user)
        )

    def _remember(self, user: User, link: UserLink, changes: list[Change]) -> None:
        sent = {**link.sent, **{change.path: change.new for change in changes}}
        self.links[user.object_id] = UserLink(
            link.target_id, sent, in_scope=user.assigned, manager_id=link.manager_id
        )


def match_one(
    client: ScimClient, endpoint: str, expression: str, **parameters: str
) -> JsonObject | None:
    """Find the one resource with the matching property; more than one is an error."""
    found = client.find(endpoint, expression, **parameters)
    if len(found) > 1:
        detail = f"{len(found)} resources match {expression}."
        raise RequestFailed(Failure(200, detail, "DuplicateTargetEntries"))
    return found[0] if found else None


def delete_resource(client: ScimClient, endpoint: str, target_id: str) -> None:
    """Delete a resource; one that is gone already is as good as deleted."""
    try:
        client.delete(endpoint, target_id)
    except RequestFailed as error:
        if error.failure.status != 404:
            raise


def _name_of(changes: list[Change]) -> str:
    active = [change for change in changes if change.path == "active"]
    if active:
        return "restored" if active[0].new else "disabled"
    return "updated" if changes else "skipped"
