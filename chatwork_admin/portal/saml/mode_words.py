"""What each mode of SAML sign-in means, and what stands in its way."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.portal.saml import steps
from saml_sso.identity_providers.modes import Blocker, Mode
from saml_sso.models import IdentityProvider


@dataclass(frozen=True, slots=True)
class ModeWords:
    """`button` names the action, `consequences` what follows from it."""

    button: Promise
    consequences: tuple[Promise, ...]


@dataclass(frozen=True, slots=True)
class BlockerWords:
    """What is missing, and the page that has it."""

    sentence: Promise
    link: Promise
    url_name: str


WORDS = {
    Mode.OFF: ModeWords(
        _("Switch SAML sign-in off"),
        (
            _("Nobody can sign in with Entra ID any more."),
            _("The administrator and user managers with a password still can."),
            _("Whoever signed in with Entra ID is signed out, except you."),
            _("All values, certificates and versions are kept."),
        ),
    ),
    Mode.OPTIONAL: ModeWords(
        _("Make SAML sign-in optional"),
        (
            _("Members sign in with Entra ID. They have no password here."),
            _("The administrator and user managers may use a password as well."),
        ),
    ),
    Mode.REQUIRED: ModeWords(
        _("Require SAML sign-in"),
        (
            _("Everybody signs in with Entra ID, user managers too."),
            _(
                "A password alone lets nobody in. The organization administrator has "
                "emergency access: password and one-time code, at an address of its own."
            ),
            _("Whoever is signed in stays signed in."),
        ),
    ),
}
_TEST = _("Test the sign-in")
_CODES = _("Emergency codes")
_SETTINGS = _("SAML login settings")
NO_WAY_AROUND = BlockerWords(
    _(
        "You could not get in without SAML: you have no password that would let you in, "
        "and no emergency code is left. Issue emergency codes first."
    ),
    _CODES,
    "portal:saml-codes",
)
BLOCKERS = {
    Blocker.NO_WAY_AROUND: NO_WAY_AROUND,
    Blocker.CERTIFICATE_NOT_VALID: BlockerWords(
        _("No certificate is valid today. Add the one that Entra ID signs with now."),
        _SETTINGS,
        "portal:saml",
    ),
    Blocker.NOT_TESTED: BlockerWords(
        _("A test sign-in must pass with the settings as they are now."),
        _TEST,
        "portal:saml-test",
    ),
    Blocker.NOT_OPTIONAL: BlockerWords(
        _("Make SAML sign-in optional first, and let it prove itself."),
        _SETTINGS,
        "portal:saml",
    ),
    Blocker.NEVER_SIGNED_IN: BlockerWords(
        _(
            "Sign in with Entra ID yourself once: sign out, and use the login URL of "
            "your organization."
        ),
        _SETTINGS,
        "portal:saml",
    ),
    Blocker.NO_CODES: BlockerWords(
        _("Issue emergency codes, and keep them."), _CODES, "portal:saml-codes"
    ),
    Blocker.BYPASS_NOT_PROVEN: BlockerWords(
        _(
            "Try emergency access out: open its address in a private window, and sign in "
            "with your password and one of the codes."
        ),
        _CODES,
        "portal:saml-codes",
    ),
}


@dataclass(frozen=True, slots=True)
class ModeChoice:
    """One mode on the page; `is_locked`: user synchronization keeps SAML on."""

    value: str
    label: Promise | str
    meaning: Promise
    button: Promise
    url_name: str
    is_present: bool
    is_next: bool
    is_locked: bool


def choices_of(provider: IdentityProvider, *, is_needed: bool) -> list[ModeChoice]:
    """Return the three modes; the next is the one after the present, once it is tested."""
    present = list(Mode).index(Mode(provider.mode))
    return [
        ModeChoice(
            value=mode.value,
            label=mode.label,
            meaning=MEANINGS[mode],
            button=WORDS[mode].button,
            url_name=f"portal:saml-{mode.value}",
            is_present=place == present,
            is_next=place == present + 1 and provider.is_tested,
            is_locked=mode == Mode.OFF and is_needed,
        )
        for place, mode in enumerate(Mode)
    ]


MEANINGS = {
    Mode.OFF: _("Nobody signs in with Entra ID. The settings are kept."),
    Mode.OPTIONAL: steps.WORDS[steps.Stage.OPTIONAL][1],
    Mode.REQUIRED: steps.WORDS[steps.Stage.REQUIRED][1],
}
