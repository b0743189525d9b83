"""The customer's directory: users and groups of one Entra tenant, kept as two CSV files."""

import csv
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self, TypeVar

USERS_FILE = "users.csv"
GROUPS_FILE = "groups.csv"
_MEMBER_SEPARATOR = ";"

Cell = str | bool | tuple[str, ...]
Entry = TypeVar("Entry", "User", "Group")


class UnreadableDirectory(Exception):
    """A CSV file is missing, or lacks a value no entry can do without."""


@dataclass(frozen=True)
class User:
    """One user with the property names of Microsoft Graph; "" stands for null."""

    object_id: str
    user_principal_name: str
    mail: str = ""
    display_name: str = ""
    given_name: str = ""
    surname: str = ""
    job_title: str = ""
    department: str = ""
    company_name: str = ""
    employee_id: str = ""
    mail_nickname: str = ""
    telephone_number: str = ""
    mobile: str = ""
    street_address: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    preferred_language: str = ""
    manager: str = ""
    account_enabled: bool = True
    is_soft_deleted: bool = False
    assigned: bool = True

    @property
    def is_active(self) -> bool:
        """What the expression [IsSoftDeleted] sees, turned round.

        Entra counts a disabled account as soft deleted ("How application
        provisioning works").
        """
        return self.account_enabled and not self.is_soft_deleted


@dataclass(frozen=True)
class Group:
    """One group; `members` are object ids of users, in the order of the file."""

    object_id: str
    display_name: str
    mail_nickname: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Directory:
    """Users and groups by object id. Every change makes another directory."""

    users: Mapping[str, User] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)

    @classmethod
    def of(cls, users: Iterable[User], groups: Iterable[Group] = ()) -> Self:
        return cls(
            users={user.object_id: user for user in users},
            groups={group.object_id: group for group in groups},
        )

    def with_users(self, *users: User) -> "Directory":
        """Add these users, or put them in the place of those with their object ids."""
        added = {user.object_id: user for user in users}
        return replace(self, users={**self.users, **added})

    def with_groups(self, *groups: Group) -> "Directory":
        """Add these groups, or put them in the place of those with their object ids."""
        added = {group.object_id: group for group in groups}
        return replace(self, groups={**self.groups, **added})

    def without_users(self, *object_ids: str) -> "Directory":
        """Purge users, as Entra does 30 days after their soft deletion."""
        kept = {key: user for key, user in self.users.items() if key not in object_ids}
        groups = [_without_members(group, object_ids) for group in self.groups.values()]
        return Directory.of(kept.values(), groups)

    def without_groups(self, *object_ids: str) -> "Directory":
        kept = {
            key: group for key, group in self.groups.items() if key not in object_ids
        }
        return replace(self, groups=kept)

    def user_named(self, user_principal_name: str) -> User:
        """Find a user by name; raises KeyError when there is none."""
        for user in self.users.values():
            if user.user_principal_name == user_principal_name:
                return user
        raise KeyError(user_principal_name)

    def group_named(self, display_name: str) -> Group:
        """Find a group by name; raises KeyError when there is none."""
        for group in self.groups.values():
            if group.display_name == display_name:
                return group
        raise KeyError(display_name)


def person_named(address: str) -> User:
    """Invent somebody with this address; the same address is the same person."""
    object_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{address}"))
    name = address.partition("@")[0]
    return User(object_id, address, mail=address, display_name=name)


def read_directory(folder: Path) -> Directory:
    """Read `users.csv` and, where there is one, `groups.csv`; raises UnreadableDirectory."""
    if not (folder / USERS_FILE).is_file():
        raise UnreadableDirectory(f"{folder / USERS_FILE} does not exist.")
    groups_file = folder / GROUPS_FILE
    return Directory.of(
        [_user(row) for row in _rows(folder / USERS_FILE)],
        [_group(row) for row in _rows(groups_file)] if groups_file.is_file() else [],
    )


def write_directory(directory: Directory, folder: Path) -> None:
    """Write both CSV files so that `read_directory` returns an equal directory."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / USERS_FILE, User, directory.users.values())
    _write(folder / GROUPS_FILE, Group, directory.groups.values())


def _without_members(group: Group, object_ids: tuple[str, ...]) -> Group:
    kept = tuple(member for member in group.members if member not in object_ids)
    return replace(group, members=kept)


def _rows(path: Path) -> list[dict[str, str]]:
    # A spreadsheet saves CSV with a byte order mark.
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _user(row: dict[str, str]) -> User:
    values: dict[str, Any] = _given(row, User)
    for name in ("account_enabled", "is_soft_deleted", "assigned"):
        if name in values:
            values[name] = values[name].lower() == "true"
    return _built(User, values)


def _group(row: dict[str, str]) -> Group:
    values: dict[str, Any] = _given(row, Group)
    members = values.get("members", "").split(_MEMBER_SEPARATOR)
    values["members"] = tuple(member for member in members if member)
    return _built(Group, values)


def _given(row: dict[str, str], entry: type[Entry]) -> dict[str, str]:
    columns = {part.name: row.get(_column(part.name)) for part in fields(entry)}
    return {name: text for name, text in columns.items() if text}


def _built(entry: type[Entry], values: dict[str, Any]) -> Entry:
    try:
        return entry(**values)
    except TypeError as missing:
        raise UnreadableDirectory(f"{entry.__name__} {values}: {missing}") from missing


def _write(path: Path, entry: type[Any], entries: Iterable[Any]) -> None:
    names = [part.name for part in fields(entry)]
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow([_column(name) for name in names])
        writer.writerows(
            [[_text(getattr(one, name)) for name in names] for one in entries]
        )


def _text(value: Cell) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else _MEMBER_SEPARATOR.join(value)


def _column(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
