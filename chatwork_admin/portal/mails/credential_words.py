"""What administrators are told of tokens, secrets and connections: new, ending, handed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import filterfalse

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.portal.mails.parts import DAYS_OF_CONCERN, Words


def ending(event: AuditEvent) -> Words:
    """Return the words for what ends; names are among the facts of the mail."""
    days, kind = int(event.context["days"]), event.target["kind"]
    if not days:
        return ENDED[kind]
    return replace(
        ENDS[kind],
        subject=_ends_within(days)[kind],
        to_user_managers=days <= DAYS_OF_CONCERN,
    )


def _ends_within(days: int) -> dict[str, str]:
    subjects = {
        "token": ngettext(
            "An access token ends within %(days)d day",
            "An access token ends within %(days)d days",
            days,
        ),
        "client": ngettext(
            "A client secret ends within %(days)d day",
            "A client secret ends within %(days)d days",
            days,
        ),
        "grant": ngettext(
            "A connection that is not used ends within %(days)d day",
            "A connection that is not used ends within %(days)d days",
            days,
        ),
    }
    return {kind: subject % {"days": days} for kind, subject in subjects.items()}


def hand_over(event: AuditEvent) -> Words:
    return AUTHORIZE_SOON if int(event.context["days"]) else AUTHORIZE_NOW


def addresses_changed(event: AuditEvent) -> Iterator[tuple[str, str]]:
    """Yield each redirect address that a client was given, or has lost.

    Without its query, where a client may keep a secret of its own.
    """
    for change in event.changes:
        if change["attribute"] == "redirect_uris":
            before, after = change["before"], change["after"]
            for address in filterfalse(before.__contains__, after):
                yield gettext("Address added"), _without_query(address)
            for address in filterfalse(after.__contains__, before):
                yield gettext("Address removed"), _without_query(address)


def _without_query(address: str) -> str:
    shown, mark, _query = address.partition("?")
    return f"{shown}?…" if mark else shown


REPLACE_TOKEN = _(
    "Issue another token, enter it in Entra ID, and revoke this one afterwards: both are "
    "valid meanwhile. If nobody uses it, revoke it."
)
REPLACE_SECRET = _(
    "Issue another secret for this client, enter it in Entra ID, and revoke this one "
    "afterwards: both are valid meanwhile. If nobody uses it, revoke it."
)
AUTHORIZE_AGAIN = _(
    "In Entra ID, open the application, Provisioning, Admin Credentials, and select "
    "Authorize, signed in to Chatwork as the organization administrator. Then revoke the "
    "former connection here."
)
ENDS = {
    "token": Words(
        "",
        _(
            "A token that a provisioning client may call with ends soon. From then on "
            "its requests are refused, and Entra ID puts provisioning into quarantine."
        ),
        REPLACE_TOKEN,
        "portal:connection",
    ),
    "client": Words(
        "",
        _(
            "A secret of an OAuth client ends soon. From then on the client gets no "
            "access token by it, and Entra ID puts provisioning into quarantine."
        ),
        REPLACE_SECRET,
        "portal:connection",
    ),
    "grant": Words(
        "",
        _(
            "Entra ID has not used an authorized connection for some time. One that is "
            "not used for 90 days ends, and Entra ID has to be authorized again."
        ),
        _(
            "Look in Entra ID whether provisioning is stopped or in quarantine, and start "
            "it. If the connection is not needed any more, revoke it here."
        ),
        "portal:connection",
    ),
}
ENDED = {
    "token": Words(
        _("An access token has ended"),
        _("Requests with it are refused. Users and teams stay as they are."),
        REPLACE_TOKEN,
        "portal:connection",
        to_user_managers=True,
    ),
    "client": Words(
        _("A client secret has ended"),
        _("The client gets no access token by it. Users and teams stay as they are."),
        REPLACE_SECRET,
        "portal:connection",
        to_user_managers=True,
    ),
    "grant": Words(
        _("A connection that was not used has ended"),
        _("It was not used for 90 days. Users and teams stay as they are."),
        AUTHORIZE_AGAIN,
        "portal:connection",
        to_user_managers=True,
    ),
}
AUTHORIZE_SOON = Words(
    _("Authorize Entra ID again"),
    _(
        "A connection was authorized by somebody who is no longer the organization "
        "administrator. Synchronization goes on, but somebody who may answer for it "
        "should have authorized it."
    ),
    AUTHORIZE_AGAIN,
    "portal:connection",
)
AUTHORIZE_NOW = replace(
    AUTHORIZE_SOON,
    subject=_("Entra ID was not authorized again in time"),
    sentence=_(
        "A connection was authorized by somebody who is no longer the organization "
        "administrator, and the fourteen days to authorize it again are over. Nothing is "
        "cut off: synchronization goes on until somebody revokes the connection."
    ),
)
TRANSFERRED_WITH_CONNECTIONS = Words(
    _("The administrator right was transferred"),
    _(
        "Somebody else is the organization administrator now. Whoever it was before is a "
        "user manager. Connections of Entra ID were authorized by somebody who is no "
        "longer the administrator: the new one is asked to authorize them again within "
        "fourteen days. Synchronization goes on meanwhile, and afterwards too."
    ),
    _(
        "If you did not expect this, look at the audit log, and end the sessions of "
        "whoever did it. Who administers now opens the application in Entra ID, selects "
        "Authorize under Provisioning, Admin Credentials, and revokes the former "
        "connection here."
    ),
    "portal:connection",
    to_user_managers=True,
)
REVOKE = _(
    "If you did not expect this, revoke or remove it here, look at the audit log, and end "
    "the sessions of whoever did it."
)
WORDS = {
    Action.CLIENT_ADDRESSES_CHANGED: Words(
        _("Redirect addresses of a client were changed"),
        _(
            "They say where the answer goes when the organization administrator selects "
            "Authorize for this client, and with it the way to its access tokens."
        ),
        _(
            "Compare the addresses on the page of the client with those of your provider. "
            "If you did not expect this, look at the audit log, and end the sessions of "
            "whoever did it."
        ),
        "portal:connection",
        to_user_managers=True,
    ),
    Action.CLIENT_REGISTERED: Words(
        _("An OAuth client was registered"),
        _(
            "Once it has a secret or a workload identity, it may create, change and "
            "suspend users while user synchronization is on."
        ),
        REVOKE,
        "portal:connection",
        to_user_managers=True,
    ),
    Action.GRANT_AUTHORIZED: Words(
        _("A connection was authorized"),
        _(
            "From now on this client may create, change and suspend users while user "
            "synchronization is on."
        ),
        REVOKE,
        "portal:connection",
        to_user_managers=True,
    ),
    Action.SECRET_ADDED: Words(
        _("A client secret was issued"),
        _(
            "Whoever has it gets access tokens as this client, and may create, change and "
            "suspend users while user synchronization is on."
        ),
        REVOKE,
        "portal:connection",
        to_user_managers=True,
    ),
    Action.TOKEN_ISSUED: Words(
        _("An access token was issued"),
        _(
            "Whoever has it may create, change and suspend users while user "
            "synchronization is on."
        ),
        REVOKE,
        "portal:connection",
        to_user_managers=True,
    ),
    Action.WORKLOAD_IDENTITY_ADDED: Words(
        _("A workload identity was added"),
        _(
            "Whoever its issuer says is this client gets access tokens, and may create, "
            "change and suspend users while user synchronization is on."
        ),
        REVOKE,
        "portal:connection",
        to_user_managers=True,
    ),
}
