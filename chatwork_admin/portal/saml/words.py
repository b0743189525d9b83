"""The values of SAML settings, in the words of whoever reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.portal.texts import plain
from saml_sso.models import IdentityProvider


@dataclass(frozen=True, slots=True)
class Change:
    label: Promise | str
    before: str
    after: str


def changes(found: Iterable[Mapping[str, object]]) -> list[Change]:
    """Say which settings became what; one line for each certificate."""
    return [change for each in found for change in _lines(each)]


def _lines(change: Mapping[str, object]) -> list[Change]:
    name, before, after = str(change["attribute"]), change["before"], change["after"]
    label = LABELS.get(name, name)
    if name == "certificates":
        return _certificate_lines(label, _thumbprints(before), _thumbprints(after))
    return [Change(label, value(before), value(after))]


def _certificate_lines(
    label: Promise | str, before: set[str], after: set[str]
) -> list[Change]:
    gone = [Change(label, each, "–") for each in sorted(before - after)]
    return gone + [Change(label, "–", each) for each in sorted(after - before)]


def value(said: object) -> str:
    """Write one value: yes and no in words, a form of name by its name."""
    if isinstance(said, bool):
        return gettext("Yes") if said else gettext("No")
    formats = dict(IdentityProvider.NameIDFormat.choices)
    return str(formats.get(str(said), "")) or plain(said)


def _thumbprints(said: object) -> set[str]:
    return set(said) if isinstance(said, list) else set()


LABELS = {
    "entity_id": _("Entity ID"),
    "single_sign_on_url": _("Login URL"),
    "single_logout_url": _("Logout URL"),
    "after_logout_url": _("Page after signing out"),
    "certificates": _("Certificate"),
    "name_id_format": _("Form of the name (NameID)"),
    "sign_requests": _("Sign our requests"),
    "require_signed_response": _("Require a signed response"),
    "allow_idp_initiated": _("Allow a start from My Apps"),
}
