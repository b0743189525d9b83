"""The codes that the SCIM API answers with, explained to whoever sees them.

`answer` is what Entra ID shows and is always English; the rest is in the reader's
language.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Actor(StrEnum):
    """Who must act."""

    ENTRA = "entra"
    CHATWORK = "chatwork"
    BOTH = "both"
    NOBODY = "nobody"
    US = "us"

    @property
    def label(self) -> Promise:
        return ACTORS[self]


@dataclass(frozen=True, slots=True)
class ErrorCode:
    code: str
    status: str
    situation: Promise
    meaning: Promise
    answer: str
    actor: Actor


ACTORS = {
    Actor.ENTRA: _("In Entra ID"),
    Actor.CHATWORK: _("In Chatwork"),
    Actor.BOTH: _("In Entra ID and Chatwork"),
    Actor.NOBODY: pgettext_lazy("who must act", "Wait"),
    Actor.US: pgettext_lazy("who must act", "Contact us"),
}

ERROR_CODES = (
    ErrorCode(
        "CW-AUTH-1",
        "401",
        _("The token is missing, expired or revoked"),
        _(
            "It depends on how Entra ID connects, as the Connection page shows. With a "
            "token of that page: issue another one and enter it as Secret Token. With "
            "a client: see whether its secret or workload identity is still good. With "
            "Authorize: select it again."
        ),
        "Access token is missing, expired or revoked. Refresh it; if that fails, "
        "select Authorize again in Entra ID.",
        Actor.BOTH,
    ),
    ErrorCode(
        "CW-AUTH-2",
        "401",
        _("The person who authorised is no longer an administrator"),
        _("The present organization administrator must authorise Entra ID again."),
        "The person who authorised is no longer an administrator. The current "
        "administrator must authorise again.",
        Actor.BOTH,
    ),
    ErrorCode(
        "CW-SYNC-1",
        "403",
        _("User synchronization is not enabled"),
        _("Enable it on the User Synchronization page, or stop provisioning."),
        "User synchronization is not enabled for this organization. Enable it in "
        "Chatwork admin settings.",
        Actor.CHATWORK,
    ),
    ErrorCode(
        "CW-SYNC-2",
        "503",
        _("User synchronization is paused"),
        _("Nothing is lost. Entra ID repeats the request after it is resumed."),
        "Paused by the administrator since 2026-11-23 10:05. Nothing is lost; Entra "
        "ID will retry.",
        Actor.NOBODY,
    ),
    ErrorCode(
        "CW-SYNC-3",
        "403",
        _("The plan does not include user synchronization"),
        _("It is part of the Enterprise and KDDI plans. Links are kept."),
        "The contract does not include user synchronization. Renew it in Chatwork.",
        Actor.CHATWORK,
    ),
    ErrorCode(
        "CW-USER-1",
        "403",
        _("No licence is left"),
        _("Add licences, or delete suspended users: they use one too."),
        "No licence left (500 of 500 used, 14 by suspended users). Add licences in "
        "Chatwork, then retry.",
        Actor.CHATWORK,
    ),
    ErrorCode(
        "CW-USER-2",
        "409 uniqueness",
        _("The login e-mail is used outside the organization"),
        _("Move that account into the organization by a registration request first."),
        "This login e-mail belongs to a Chatwork account outside the organization. "
        "Move it in first.",
        Actor.CHATWORK,
    ),
    ErrorCode(
        "CW-USER-3",
        "409 uniqueness",
        _("The login e-mail is already in use in this organization"),
        _("Two Entra users have the same e-mail. Take one of them out of the scope."),
        "userName is in use in this organization. Match users by userName, or rename one.",
        Actor.ENTRA,
    ),
    ErrorCode(
        "CW-USER-4",
        "400 invalidValue",
        _("userName is not an e-mail address"),
        _("Map mail or userPrincipalName to userName."),
        'userName must be an e-mail address; got "tyamada". Map mail or '
        "userPrincipalName.",
        Actor.ENTRA,
    ),
    ErrorCode(
        "CW-USER-5",
        "403",
        _("The organization administrator is protected"),
        _("Transfer the administrator right to somebody else first."),
        "The organization administrator cannot be suspended, deleted or renamed by "
        "provisioning. Transfer the right first.",
        Actor.CHATWORK,
    ),
    ErrorCode(
        "CW-USER-6",
        "404",
        _("The user does not exist, or no longer"),
        _("Entra ID remembers a deleted user. Restart provisioning there."),
        "No such user. It may have been deleted in Chatwork.",
        Actor.ENTRA,
    ),
    ErrorCode(
        "CW-USER-7",
        "400 invalidValue",
        _("A value is too long or has the wrong form"),
        _("Shorten the value in Entra ID, or change the mapping."),
        "department is 312 characters; the limit is 100.",
        Actor.ENTRA,
    ),
    ErrorCode(
        "CW-GROUP-1",
        "409 uniqueness",
        _("Another team has this name"),
        _("Rename one of the two groups in Entra ID."),
        "displayName is in use by another group of this organization. Rename one of them.",
        Actor.ENTRA,
    ),
    ErrorCode(
        "CW-GROUP-2",
        "404",
        _("The team does not exist, or no longer"),
        _("Entra ID remembers a deleted group. Restart provisioning there."),
        "No such group. It may have been deleted in Chatwork.",
        Actor.ENTRA,
    ),
    ErrorCode(
        "CW-REQ-1",
        "400 invalidFilter",
        _("The filter cannot be read"),
        _("Use userName, externalId or id as the matching attribute."),
        "The answer names the column, and what was expected there.",
        Actor.ENTRA,
    ),
    ErrorCode(
        "CW-REQ-2",
        "400 invalidSyntax, invalidPath, invalidValue, mutability, noTarget",
        _("The request cannot be carried out as it is written"),
        _("Tell us the reference number of the answer."),
        "The answer names the operation and the path.",
        Actor.US,
    ),
    ErrorCode(
        "CW-REQ-3",
        "400 invalidVers, 403, 404, 405, 412, 413, 414, 415, 501",
        _("The address, the method, the version, the size or the format does not fit"),
        _(
            "For 404 and 405, check the Tenant URL in Entra ID: it ends in /scim/v2. For "
            "412, read the resource again and repeat the change. For 413, send less in "
            "one request; if the resource is too large, map fewer or shorter values."
        ),
        "There is nothing at this address. The Tenant URL ends in /scim/v2.",
        Actor.ENTRA,
    ),
    ErrorCode(
        "CW-RATE-1",
        "429",
        _("Too many requests"),
        _("Entra ID repeats the request by itself."),
        "Too many requests. Retry after 3 s.",
        Actor.NOBODY,
    ),
    ErrorCode(
        "CW-GUARD-1",
        "429",
        _("An unusually large change is held"),
        _("Look at who is affected. An administrator of Chatwork decides."),
        "Held: 38 users would be suspended within an hour. An administrator must "
        "approve in Chatwork.",
        Actor.CHATWORK,
    ),
    ErrorCode(
        "CW-SYS-1",
        "500",
        _("An error on our side"),
        _("Entra ID repeats the request. If it lasts, tell us the reference number."),
        "Internal error.",
        Actor.US,
    ),
)

BY_CODE = {each.code: each for each in ERROR_CODES}
