"""Draft, tested, optional, required: how far an organization has come with SAML."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from saml_sso.identity_providers.ways_in import valid_certificate
from saml_sso.models import IdentityProvider


class Stage(StrEnum):
    NOTHING = "nothing"
    DRAFT = "draft"
    TESTED = "tested"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Step:
    """`state` is done, present, again (it was done for other settings) or ahead."""

    number: int
    label: Promise
    meaning: Promise
    state: str


def stage_of(provider: IdentityProvider | None) -> Stage:
    if provider is None:
        return Stage.NOTHING
    if provider.is_on:
        return Stage(provider.mode)
    return Stage.TESTED if provider.is_tested else Stage.DRAFT


def steps_of(provider: IdentityProvider | None) -> list[Step]:
    present = list(Stage).index(stage_of(provider))
    return [
        Step(number, *WORDS[stage], _state(stage, number, present, provider))
        for number, stage in enumerate(WORDS, start=1)
    ]


def next_step(provider: IdentityProvider | None) -> Promise:
    """Say what comes next, in one sentence."""
    if provider is not None and valid_certificate(provider) is None:
        return REPLACE
    if provider is not None and provider.is_on:
        if not provider.is_tested:
            return TEST_AGAIN
        if provider.bypass_proven_at is None:
            is_required = stage_of(provider) == Stage.REQUIRED
            return PREPARE_ANEW if is_required else PREPARE
    return NEXT[stage_of(provider)]


def _state(
    stage: Stage, number: int, present: int, provider: IdentityProvider | None
) -> str:
    if number == present:
        return "present"
    if number > present:
        return "ahead"
    is_outdated = provider is not None and not provider.is_tested
    return "again" if stage == Stage.TESTED and is_outdated else "done"


WORDS = {
    Stage.DRAFT: (
        pgettext_lazy("SAML", "Draft"),
        _("The settings are saved. Nobody signs in with them yet."),
    ),
    Stage.TESTED: (
        pgettext_lazy("SAML", "Tested"),
        _("A test sign-in has passed with exactly these settings."),
    ),
    Stage.OPTIONAL: (
        _("Optional"),
        _("Members sign in with Entra ID. Administrators may use a password as well."),
    ),
    Stage.REQUIRED: (
        _("Required"),
        _("Everybody signs in with Entra ID. Only emergency access goes around it."),
    ),
}
NEXT = {
    Stage.NOTHING: _(
        "Next: copy the values of step 1 into Entra ID, and bring its metadata here in "
        "step 2."
    ),
    Stage.DRAFT: _("Next: test the sign-in (step 3)."),
    Stage.TESTED: _("Next: make SAML sign-in optional (step 5)."),
    Stage.OPTIONAL: _("Next: SAML sign-in can be required (step 5)."),
    Stage.REQUIRED: _("Everything is done. Certificates are watched from here on."),
}
REPLACE = _(
    "Next: replace the certificate; none that is trusted is valid today (step 2, or "
    "below)."
)
TEST_AGAIN = _("Next: test the settings as they are now (step 3).")
PREPARE = _(
    "Next: prepare emergency access (step 4); then SAML can be required (step 5)."
)
PREPARE_ANEW = _("Next: prepare emergency access with the present codes (step 4).")
