"""Staff prove once more who they are before they intervene, or change what lets them in."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action
from chatwork_admin.organizations.attempts import outcomes, turns
from chatwork_admin.organizations.proofs import second_factor
from chatwork_admin.organizations.proofs.holders import record_of
from chatwork_admin.organizations.proofs.second_factor import Proof
from chatwork_admin.support.models import StaffMember
from chatwork_admin.support.sign_in import (
    LONGEST_ANSWER,
    NOTHING,
    actor_for,
    proof_in,
    record_failure,
)

PROVEN = "staff_proven"  # when, in seconds
FRESH = timedelta(minutes=10)


def password_field() -> forms.CharField:
    return forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ProofForm(forms.Form):
    password = password_field()
    code = forms.CharField(
        label=_("One-time code"),
        help_text=_("Or one of your recovery codes."),
        max_length=24,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false"}
        ),
    )
    key = forms.CharField(
        max_length=LONGEST_ANSWER, required=False, widget=forms.HiddenInput
    )


def note(request: HttpRequest) -> None:
    request.session[PROVEN] = timezone.now().timestamp()


def is_fresh(request: HttpRequest) -> bool:
    """Say whether the member has proven within ten minutes who they are."""
    since = timezone.now().timestamp() - request.session.get(PROVEN, 0)
    return bool(since <= FRESH.total_seconds())


def prove(request: HttpRequest, member: StaffMember, posted: QueryDict) -> ProofForm:
    """Note the proof that was posted, or return the form with what is wrong about it."""
    form = ProofForm(posted)
    if form.is_valid():
        check(request, member, form)
    return form


def check(request: HttpRequest, member: StaffMember, form: ProofForm) -> None:
    """Note the proof in a form that is valid so far, or let it be so no more."""
    besides = proof_in(form.cleaned_data, request)
    if knows(request, member, form.cleaned_data["password"], besides):
        note(request)
        _record(request, member, besides)
    else:
        wrong = gettext("The password, the one-time code or the key is wrong.")
        form.add_error(None, outcomes.words(request, wrong))


def knows(
    request: HttpRequest,
    member: StaffMember,
    password: str,
    besides: Proof = NOTHING,
) -> bool:
    """Ask as at the door, where attempts are counted and failures recorded."""
    known = turns.authenticate(
        request, member.email, password=password, besides=besides
    )
    if known == member:
        return True
    record_failure(request, member.email)
    return False


@transaction.atomic
def _record(request: HttpRequest, member: StaffMember, besides: Proof) -> None:
    began = second_factor.proof_by(member, besides).value
    actor = actor_for(request, member)
    record_of(member, Action.IDENTITY_CONFIRMED, actor, began=began)
