"""Why nobody gets in although the message itself may be in order."""

from __future__ import annotations

from enum import StrEnum

from chatwork_admin.organizations.models import User
from saml_sso.messages.response_reasons import Named


class LoginReason(StrEnum):
    """One value for each check; stored and translated, so never renamed.

    What is wrong with a message is a ResponseReason; the values of both differ.
    """

    # What was posted
    FORM_MALFORMED = "form-malformed"
    # The request that should be answered
    UNSOLICITED = "unsolicited"
    REQUEST_UNKNOWN = "request-unknown"
    REQUEST_TOO_OLD = "request-too-old"
    REQUEST_ANSWERED = "request-answered"
    ASSERTION_REPLAYED = "assertion-replayed"
    LOGOUT_REPLAYED = "logout-replayed"
    STARTED_AGAIN_IN_VAIN = "started-again-in-vain"
    # What the organization trusts
    SAML_OFF = "saml-off"
    SETTINGS_CHANGED = "settings-changed"
    # Whom the identity provider means
    PERSON_UNKNOWN = "person-unknown"
    PERSON_AMBIGUOUS = "person-ambiguous"
    PERSON_SUSPENDED = "person-suspended"
    IDENTITY_CONFLICT = "identity-conflict"
    EXTERNAL_ID_CONFLICT = "external-id-conflict"
    OBJECT_ID_MISSING = "object-id-missing"
    OTHER_PERSON = "other-person"
    NOT_SIGNED_IN_ANEW = "not-signed-in-anew"
    # Whether the browser is the one that started
    COMPLETION_UNKNOWN = "completion-unknown"
    COMPLETION_TOO_OLD = "completion-too-old"
    OTHER_BROWSER = "other-browser"
    ACCESS_ENDED_MEANWHILE = "access-ended-meanwhile"


class LoginRejected(Exception):
    """Nobody gets in. Everybody outside hears the same; the rest is for the audit log.

    `user`: whom it was about, where that is known. `named`: whom the message names, once
    its signature is sure. `detail`: for the administrator.
    """

    def __init__(
        self,
        reason: LoginReason,
        *,
        user: User | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.user = user
        self.named: Named | None = None
        self.detail = detail
