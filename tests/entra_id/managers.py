"""The second pass over users: their manager references, once all target ids are known."""

from dataclasses import dataclass, replace

from tests.entra_id.client import ScimClient, quoted
from tests.entra_id.dialects import Dialect, manager_operations
from tests.entra_id.directory import User
from tests.entra_id.state import UserLink
from tests.entra_id.users import USERS, Counted


@dataclass(frozen=True)
class ManagerReferences:
    """Writes manager references that the target does not have yet."""

    client: ScimClient
    dialect: Dialect
    links: dict[str, UserLink]

    def is_due(self, user: User) -> bool:
        """Say whether both ends are linked and the reference was not sent before.

        A manager who comes into scope later is sent then, which Entra itself does
        only after a restart ("Known issues for provisioning").
        """
        link, manager = self.links.get(user.object_id), self.links.get(user.manager)
        if link is None or manager is None or not user.assigned:
            return False
        return link.manager_id != manager.target_id

    def synchronize(self, user: User) -> Counted:
        """Ask whether the target has the reference, and write it if not."""
        link, manager_id = (
            self.links[user.object_id],
            self.links[user.manager].target_id,
        )
        present = self._refers(link.target_id, manager_id)
        if not present:
            had_one = bool(link.manager_id)
            operations = manager_operations(manager_id, self.dialect, had_one=had_one)
            self.client.patch(USERS, link.target_id, operations)
        self.links[user.object_id] = replace(link, manager_id=manager_id)
        return ("skipped",) if present else ("updated",)

    def _refers(self, target_id: str, manager_id: str) -> bool:
        # "Develop and plan provisioning for a SCIM endpoint": reference attributes
        # are queried, with the name of the attribute unqualified.
        expression = f"id eq {quoted(target_id)} and manager eq {quoted(manager_id)}"
        return bool(self.client.find(USERS, expression, attributes="id"))
