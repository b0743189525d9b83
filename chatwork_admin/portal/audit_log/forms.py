"""Which events of the audit log are looked for."""

from __future__ import annotations

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action

# Further away the calendar ends, and arithmetic with it.
FIRST_DAY = MinValueValidator(date(2000, 1, 1))
LAST_DAY = MaxValueValidator(date(2999, 12, 31))


class AuditFilterForm(forms.Form):
    action = forms.ChoiceField(
        label=_("Action"), required=False, choices=[("", _("All")), *Action.choices]
    )
    since = forms.DateField(
        label=_("From"),
        required=False,
        validators=[FIRST_DAY, LAST_DAY],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("To"),
        required=False,
        validators=[FIRST_DAY, LAST_DAY],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    text = forms.CharField(
        label=_("Person, target or reference"), required=False, max_length=200
    )

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        since: date | None = self.cleaned_data.get("since")
        if since and until and since > until:
            raise ValidationError(gettext("“To” lies before “From”."))
        return until
