"""What operators may do for a customer: after a fresh proof, with a reason, for the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.recording import Actor, ActorKind
from chatwork_admin.client_addresses import client_address
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.proofs import second_factor, security_keys
from chatwork_admin.reference_numbers import request_reference
from chatwork_admin.support import proving
from chatwork_admin.support.proving import ProofForm
from chatwork_admin.support.reasons import Extension, Reason
from chatwork_admin.support.site import staff_member
from chatwork_admin.synchronization import gate, recycling

MOST_AT_ONCE = 50

Organizations = QuerySet[Organization]
Chosen = TypeVar("Chosen", bound=Model)


class NoFactor(Exception):
    """This person has no second factor."""


@dataclass(frozen=True, slots=True)
class Intervention:
    """An operation, how it refuses, what it asks for, and the words around it."""

    name: str
    operation: Callable[..., None]
    refusal: type[Exception]
    title: Promise
    consequence: Promise
    done: Promise
    refused: Promise
    form: type[Reason] = Reason


PAUSE = Intervention(
    "pause",
    gate.pause,
    gate.WrongState,
    _("Pause user synchronization"),
    _(
        "Provisioning requests are answered “later” (503) until somebody resumes. Nothing "
        "is lost, and people can sign in."
    ),
    _("%(name)s: user synchronization is paused."),
    _("%(name)s: user synchronization is off, so nothing was paused."),
)
RESUME = Intervention(
    "resume",
    gate.resume,
    gate.WrongState,
    _("Resume user synchronization"),
    _("Provisioning requests are let in again. Entra ID repeats what it could not do."),
    _("%(name)s: user synchronization is on."),
    _("%(name)s: user synchronization is off, so nothing was resumed."),
)


EXTEND = Intervention(
    "extend",
    recycling.extend,
    recycling.NobodyToKeep,
    _("Extend recycle bin"),
    _(
        "Whoever is in the recycle bin now is kept at least until the day you choose. "
        "Those who are deleted later are kept for as long as everybody."
    ),
    _("%(name)s: the recycle bin is kept that long."),
    _(
        "%(name)s: nobody in the recycle bin would be erased before that day, "
        "so nothing was changed."
    ),
    Extension,
)


def _remove_app(person: User, *, actor: Actor, reason: str) -> None:
    if not second_factor.remove(person, actor=actor, reason=reason):
        raise NoFactor(NoFactor.__doc__)


REMOVE_APP = Intervention(
    "remove_app",
    _remove_app,
    NoFactor,
    _("Remove the second factor"),
    _(
        "The app for one-time codes, all security keys and the recovery codes are void, "
        "and the password alone lets the person in until a second factor is set up anew. "
        "Make sure that it is the person who asks."
    ),
    _("%(name)s: the second factor is removed."),
    _("%(name)s: no second factor is set up, so nothing was removed."),
)


@admin.action(description=_("Pause user synchronization…"))
def pause(
    model_admin: Any, request: HttpRequest, queryset: Organizations
) -> HttpResponse | None:
    return _intervene(model_admin, request, queryset, PAUSE)


@admin.action(description=_("Resume user synchronization…"))
def resume(
    model_admin: Any, request: HttpRequest, queryset: Organizations
) -> HttpResponse | None:
    return _intervene(model_admin, request, queryset, RESUME)


@admin.action(description=_("Extend recycle bin…"))
def extend(
    model_admin: Any, request: HttpRequest, queryset: Organizations
) -> HttpResponse | None:
    return _intervene(model_admin, request, queryset, EXTEND)


@admin.action(description=_("Remove the second factor…"))
def remove_app(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[User]
) -> HttpResponse | None:
    return _intervene(model_admin, request, queryset, REMOVE_APP)


def _intervene(
    model_admin: Any,
    request: HttpRequest,
    queryset: QuerySet[Chosen],
    intervention: Intervention,
) -> HttpResponse | None:
    chosen = list(queryset[: MOST_AT_ONCE + 1])
    if len(chosen) > MOST_AT_ONCE:
        words = _("Choose at most %(number)s at once.")
        messages.error(request, words % {"number": MOST_AT_ONCE})
        return None
    form = intervention.form(request.POST if "answer" in request.POST else None)
    proof = None if proving.is_fresh(request) else ProofForm()
    if form.is_valid() and proof and "password" in request.POST:
        proof = proving.prove(request, staff_member(request), request.POST)
    if not form.is_valid() or not (proof is None or proof.is_valid()):
        return _ask(model_admin, request, chosen, (intervention, form, proof))
    for each in chosen:
        _do(request, each, intervention, form.arguments())
    return None


def _ask(
    model_admin: Any,
    request: HttpRequest,
    chosen: list[Chosen],
    question: tuple[Intervention, Reason, ProofForm | None],
) -> HttpResponse:
    intervention, form, proof = question
    context = model_admin.admin_site.each_context(request) | {
        "title": intervention.title,
        "intervention": intervention,
        "form": form,
        "proof": proof,
        "keys": security_keys.of(staff_member(request)),
        "chosen": chosen,
        "checkbox": ACTION_CHECKBOX_NAME,
        "opts": model_admin.opts,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(
        request, "support/intervention.html", context, status=status
    )


def _do(
    request: HttpRequest,
    chosen: Model,
    intervention: Intervention,
    arguments: dict[str, Any],
) -> None:
    named = {"name": str(chosen)}
    try:
        intervention.operation(chosen, actor=_actor(request), **arguments)
    except intervention.refusal:
        messages.warning(request, intervention.refused % named)
        return
    messages.success(request, intervention.done % named)


def _actor(request: HttpRequest) -> Actor:
    member = staff_member(request)
    return Actor(
        ActorKind.SUPPORT,
        str(member.pk),
        f"{member.name} (Chatwork support)",
        request_reference(request),
        client_address(request),
    )
