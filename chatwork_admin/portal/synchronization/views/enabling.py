"""The User Synchronization page: notes, checks, the click, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chatwork_admin.organizations.models import Organization
from chatwork_admin.organizations.sessions.kept_forms import waits
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
    only_the_administrator,
    portal_page,
)
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.synchronization import kept_ticks, readiness, shown_words
from chatwork_admin.portal.synchronization.status import (
    Status,
    scim_address,
    status_of,
)
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.consent import Acceptance, confirmed_notices
from chatwork_admin.synchronization.notices import KEYS
from saml_sso.identity_providers.ways_in import valid_certificate
from saml_sso.models import identity_provider_of

NOTHING: frozenset[str] = frozenset()


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    return _page(request, accepted=kept_ticks.kept(request.session))


@require_safe
@portal_page
def status_panel(request: PortalRequest) -> HttpResponse:
    """Answer the panel alone: the page asks for it every ten seconds."""
    synchronization = gate.synchronization_of(request.organization)
    found = status_of(request.organization, request.user, synchronization)
    return render(request, "portal/synchronization/_status.html", {"status": found})


@administrator_only
@form_of("portal:synchronization")
@step_up(_("Enable user synchronization"))
def enable(request: PortalRequest) -> HttpResponse:
    return _refusal(request, gate.enable) or redirect("portal:synchronization")


@administrator_only
@form_of("portal:synchronization")
@waits(_("Confirm the new notes"))
def confirm(request: PortalRequest) -> HttpResponse:
    if refusal := _refusal(request, gate.confirm_notices):
        return refusal
    messages.success(request, gettext("You have confirmed the new notes."))
    return redirect("portal:synchronization")


def _refusal(
    request: PortalRequest, operation: Callable[..., None]
) -> HttpResponse | None:
    """Carry out what the ticked notes are for; return the page that says why not."""
    try:
        operation(
            request.organization,
            administrator=request.user,
            acceptance=_acceptance(request),
            actor=actor_of(request),
        )
    except shown_words.OtherWords:
        return _other_words(request)
    except gate.NotReady as not_ready:
        kept_ticks.keep(request.session, _ticked(request), _words(request))
        problems = _problems(request, not_ready)
        return _page(request, accepted=_ticked(request), problems=problems, code=422)
    except gate.WrongState:
        problems = [somebody_was_faster()]
        return _page(request, accepted=NOTHING, problems=problems, code=409)
    except gate.NotAllowed:
        problems = [only_the_administrator(request.organization)]
        return _page(request, accepted=NOTHING, problems=problems, code=403)
    kept_ticks.drop(request.session)
    return None


def somebody_was_faster() -> str:
    return gettext(
        "Somebody else changed this meanwhile. The page now shows the present state; "
        "nothing of yours was changed."
    )


def _acceptance(request: PortalRequest) -> Acceptance:
    language = shown_words.language_of(_words(request))
    return Acceptance(_ticked(request), language, _waives(request))


def _waives(request: PortalRequest) -> bool:
    return request.POST.get("waived") == "yes"


def _words(request: PortalRequest) -> str:
    return request.POST.get("words", "")


def _ticked(request: PortalRequest) -> frozenset[str]:
    return KEYS.intersection(request.POST.getlist("accepted"))


def _other_words(request: PortalRequest) -> HttpResponse:
    problem = gettext(
        "The notes have changed since this page was opened. Read them again."
    )
    return _page(request, accepted=NOTHING, problems=[problem], code=422)


def _problems(request: PortalRequest, not_ready: gate.NotReady) -> list[str]:
    return readiness.sentences(
        request.organization, not_ready.blockers, not_ready.missing
    )


def _page(
    request: PortalRequest,
    *,
    accepted: Collection[str],
    problems: list[str] | None = None,
    code: int = 200,
) -> HttpResponse:
    organization = request.organization
    provider = identity_provider_of(organization)
    stored = gate.synchronization_of(organization)
    status = status_of(organization, request.user, stored)
    context = {
        "status": status,
        "words": shown_words.present_words(),
        "notes": readiness.note_cards(accepted, _changed(organization, status)),
        "accepted_count": len(KEYS.intersection(accepted)),
        "checks": readiness.checks(organization, request.user, provider, accepted),
        "provider": provider,
        "waives": _waives(request),
        "certificate": valid_certificate(provider),
        "scim_address": scim_address(),
        **_right(request),
        "problems": problems or [],
    }
    return render(request, "portal/synchronization/page.html", context, status=code)


def _changed(organization: Organization, status: Status) -> Collection[str]:
    return KEYS - confirmed_notices(organization) if status.notices_changed else ()


def _right(request: PortalRequest) -> dict[str, object]:
    return {
        "may_change": request.user.is_administrator,
        "no_right": only_the_administrator(request.organization),
    }
