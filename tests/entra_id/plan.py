"""What one cycle has to do, as jobs: from the directory and from what is linked already."""

from functools import partial

from tests.entra_id.directory import Directory
from tests.entra_id.groups import GroupSynchronization
from tests.entra_id.managers import ManagerReferences
from tests.entra_id.run import Job
from tests.entra_id.state import UserLink
from tests.entra_id.users import UserSynchronization


def user_jobs(directory: Directory, users: UserSynchronization) -> list[Job]:
    """Purges first: a user made anew under an old name must not meet the old account."""
    purged = [
        Job("users", key, _user_name(key, link), partial(users.delete, key))
        for key, link in users.links.items()
        if key not in directory.users
    ]
    present = [
        Job("users", key, user.user_principal_name, partial(users.synchronize, user))
        for key, user in directory.users.items()
    ]
    return purged + present


def manager_jobs(directory: Directory, managers: ManagerReferences) -> list[Job]:
    return [
        Job(
            "managers",
            key,
            user.user_principal_name,
            partial(managers.synchronize, user),
        )
        for key, user in directory.users.items()
        if managers.is_due(user)
    ]


def group_jobs(directory: Directory, groups: GroupSynchronization) -> list[Job]:
    gone = [
        Job("groups", key, str(link.sent["displayName"]), partial(groups.delete, key))
        for key, link in groups.links.items()
        if key not in directory.groups
    ]
    present = [
        Job("groups", key, group.display_name, partial(groups.synchronize, group))
        for key, group in directory.groups.items()
    ]
    return gone + present


def accounts_losing_access(directory: Directory, users: UserSynchronization) -> int:
    """Count the accounts in use that a cycle would disable or delete."""
    return sum(
        link.in_scope and link.sent["active"] is True and not _stays(directory, key)
        for key, link in users.links.items()
    )


def _stays(directory: Directory, object_id: str) -> bool:
    user = directory.users.get(object_id)
    return user is not None and user.is_active and user.assigned


def _user_name(object_id: str, link: UserLink) -> str:
    return str(link.sent.get("userName", object_id))
