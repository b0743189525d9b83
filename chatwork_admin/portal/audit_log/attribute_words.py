"""What an event says has changed: names that people know, and the path of integrators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.portal.saml import words as saml_words
from chatwork_admin.synchronization.attributes import EXTENSION
from saml_sso.models import IdentityProvider

CORE: dict[str, Promise] = {
    "active": _("State"),
    "addresses": _("Postal addresses"),
    "displayName": _("Display name"),
    "emails": _("E-mail addresses"),
    "entitlements": _("Entitlements"),
    "externalId": _("Entra object ID"),
    "groups": _("Teams"),
    "ims": _("Instant messaging addresses"),
    "locale": _("Regional format"),
    "members": _("Members"),
    "name": _("Full name"),
    "nickName": _("Nickname"),
    "password": _("Password"),
    "phoneNumbers": _("Phone numbers"),
    "photos": _("Photos"),
    "preferredLanguage": _("Preferred language"),
    "profileUrl": _("Profile page"),
    "roles": _("Roles"),
    "timezone": _("Time zone"),
    "title": _("Title"),
    "userName": _("Login e-mail"),
    "userType": _("User type"),
    "x509Certificates": _("Certificates of the person"),
}
ENTERPRISE: dict[str, Promise] = {
    "costCenter": _("Cost center"),
    "department": _("Department"),
    "division": _("Division"),
    "employeeNumber": _("Employee number"),
    "manager": _("Manager"),
    "organization": _("Organization name"),
}
OURS: dict[str, Promise] = {
    **saml_words.LABELS,
    "activates_new_certificates": _("Trust what is found at once"),
    "may_omit_response_type": _("The provider leaves response_type out"),
    "metadata_url": _("Address of the metadata"),
    "mode": _("SAML login"),
    "object_id": _("Entra object ID"),
    "redirect_uris": _("Redirect addresses"),
    "token_minutes": _("Minutes an access token lasts"),
}
LABELS = CORE | ENTERPRISE | OURS
PATHS = {name: name for name in CORE} | {name: EXTENSION + name for name in ENTERPRISE}
CHOICES: Mapping[str, Mapping[object, object]] = {
    "active": {True: _("In use"), False: _("Suspended")},
    "mode": dict(IdentityProvider.Mode.choices),
}


@dataclass(frozen=True, slots=True)
class Change:
    """`path` is the attribute in Entra ID's mapping, empty for settings of ours.

    A value that is private `is_named` only, and not known to the log.
    """

    label: Promise | str
    path: str
    before: str
    after: str
    is_named: bool


def changed(event: AuditEvent) -> Iterator[Change]:
    for each in event.changes:
        name, before, after = each["attribute"], each["before"], each["after"]
        yield Change(
            LABELS.get(name, name),
            PATHS.get(name, ""),
            _value(name, before),
            _value(name, after),
            is_named=before is after is None,
        )


def _value(name: str, value: object) -> str:
    if name in CHOICES and value in CHOICES[name]:
        return str(CHOICES[name][value])
    return saml_words.value(value)
