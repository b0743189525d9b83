"""What the product itself uses of a SCIM document: documents in, columns out. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Any, TypedDict

from chatwork_admin.organizations.folding import fold, is_plain

Document = dict[str, Any]

ENTERPRISE_USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

EXTENSION = f"{ENTERPRISE_USER}:"  # before the names of its attributes, in errors

LIMITS = {  # characters
    "userName": 254,  # RFC 5321 §4.5.3.1.3
    "externalId": 255,
    "displayName": 200,
    "title": 100,
    "department": 100,
    "organization": 100,
    "employeeNumber": 100,
}
GROUP_NAME_LIMIT = 256
E_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
RECORDED = (
    "userName",
    "externalId",
    "active",
    "displayName",
    "title",
    "department",
    "organization",
    "employeeNumber",
)


class NotAnEmail(ValueError):
    """userName must be an e-mail address (CW-USER-4)."""


class TooLong(ValueError):
    """A value is longer than the product can keep (CW-USER-7)."""


class Difference(TypedDict):
    attribute: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class UserAttributes:
    """The columns of a user that follow from the document."""

    user_name: str
    user_name_key: str
    external_id: str
    is_active: bool
    display_name: str
    title: str
    department: str
    organization_name: str
    employee_number: str
    work_email: str
    display_name_key: str
    title_key: str
    department_key: str
    organization_name_key: str
    employee_number_key: str
    lookup_keys: str

    def columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS = tuple(field.name for field in fields(UserAttributes))


def user_attributes(document: Document, *, is_active: bool = True) -> UserAttributes:
    """Derive the columns. Raises NotAnEmail, TooLong.

    Where no displayName is mapped, the local part of the e-mail stands in for it. Where
    nothing is said of `active`, what held before (`is_active`) holds: silence neither
    admits nor locks out anybody (G14).
    """
    user_name, texts = _login_email(document), _texts(document)
    display_name = _text(document, "displayName")
    return UserAttributes(
        user_name=user_name,
        user_name_key=fold(user_name),
        external_id=_text(document, "externalId"),
        is_active=document.get("active", is_active),
        display_name=display_name or user_name.partition("@")[0],
        display_name_key=fold(display_name),
        work_email=_work_email(document),
        lookup_keys=lookup_keys(document),
        **texts,
        **{f"{name}_key": fold(text) for name, text in texts.items()},
    )


def lookup_keys(document: Document) -> str:
    """Return the digests by which the index of e-mails and managers finds a user.

    Of what is in lists or has no limit of length, an index can keep no more.
    """
    manager = (document.get(ENTERPRISE_USER) or {}).get("manager") or {}
    named = [("emails", each.get("value")) for each in document.get("emails") or []]
    named.append(("manager", manager.get("value")))
    keys = sorted({lookup_key(name, value) for name, value in named if value})
    return "".join(f" {key}" for key in keys)


def lookup_key(attribute: str, value: str) -> str:
    """Return the digest of one value; texts that only differ in case may share it."""
    said = f"{attribute} {fold(value)}".encode()
    return blake2b(said, digest_size=10).hexdigest()


def group_name(document: Document) -> tuple[str, str]:
    """Return a group's displayName and its folded form. Raises TooLong."""
    name = document["displayName"]
    if len(name) > GROUP_NAME_LIMIT:
        raise TooLong(
            f"displayName is {len(name)} characters; the limit is {GROUP_NAME_LIMIT}. "
            "Shorten it."
        )
    return name, fold(name)


def differences(before: Document, after: Document) -> list[Difference]:
    """List what changed: values of allow-listed attributes, only names of others."""
    old, new = _flat(before), _flat(after)
    changed = [name for name in old | new if old.get(name) != new.get(name)]
    return [
        Difference(attribute=name, before=old.get(name), after=new.get(name))
        if name in RECORDED
        else Difference(attribute=name, before=None, after=None)
        for name in changed
    ]


def _flat(document: Document) -> Document:
    core = {
        name: value
        for name, value in document.items()
        if name not in {"schemas", ENTERPRISE_USER}
    }
    return core | (document.get(ENTERPRISE_USER) or {})


def _login_email(document: Document) -> str:
    user_name = _text(document, "userName")
    if not E_MAIL.fullmatch(user_name):
        raise NotAnEmail(
            f'userName must be an e-mail address; got "{user_name[:80]}". '
            "Map mail or userPrincipalName."
        )
    if not is_plain(user_name):
        raise NotAnEmail(
            "userName has full-width or invisible characters, which would make two "
            "addresses look the same. Write it in plain ones."
        )
    return user_name


def _texts(document: Document) -> dict[str, str]:
    enterprise = document.get(ENTERPRISE_USER) or {}
    return {
        "title": _text(document, "title"),
        "department": _text(enterprise, "department", EXTENSION),
        "organization_name": _text(enterprise, "organization", EXTENSION),
        "employee_number": _text(enterprise, "employeeNumber", EXTENSION),
    }


def _text(document: Document, name: str, above: str = "") -> str:
    value: str = document.get(name) or ""
    limit = LIMITS[name]
    if len(value) > limit:
        raise TooLong(
            f"{above}{name} is {len(value)} characters; the limit is {limit}. Shorten it."
        )
    return value


def _work_email(document: Document) -> str:
    addresses = (
        email.get("value") or ""
        for email in document.get("emails") or []
        if email.get("type") == "work"
    )
    return next((each for each in addresses if len(each) <= LIMITS["userName"]), "")
