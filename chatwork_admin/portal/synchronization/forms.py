"""What is asked before user synchronization pauses or ends."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.visible_text import VISIBLE

DISABLE_REASONS = [
    ("", _("Choose…")),
    ("another-system", _("We move to another way of managing users")),
    ("set-up-again", _("We want to set it up again")),
    ("contract", _("The contract changes")),
    ("trouble", _("It does not work as expected")),
    ("other", _("Another reason")),
]


class PauseForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Your colleagues and the audit log will show it."),
        max_length=500,
        validators=[VISIBLE],
    )


class DisableForm(forms.Form):
    organization_name = forms.CharField(
        label=_("Name of the organization"), max_length=100
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=DISABLE_REASONS,
    )
