"""What an operator is asked before an intervention."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

LONGEST_EXTENSION = timedelta(days=365)


class Reason(forms.Form):
    required_css_class = "required"

    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The customer reads this in the audit log."),
    )
    ticket = forms.CharField(label=_("Ticket number"), max_length=64, required=False)

    def arguments(self) -> dict[str, Any]:
        """Return what the operation is told besides whose it is and who asks."""
        return {"reason": self._words()}

    def _words(self) -> str:
        """Return the reason as it is recorded: the ticket's number comes first."""
        given = self.cleaned_data
        return f"[{given['ticket']}] {given['reason']}".removeprefix("[] ")


class Extension(Reason):
    keep_until = forms.DateField(
        label=_("Keep at least until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("At most a year from today. Nobody is erased sooner by this."),
    )

    def clean_keep_until(self) -> date:
        day: date = self.cleaned_data["keep_until"]
        today = timezone.localdate()
        if not today < day <= today + LONGEST_EXTENSION:
            raise ValidationError(gettext("Choose a day between tomorrow and a year."))
        return day

    def arguments(self) -> dict[str, Any]:
        """As of a reason, with the last instant of the last day."""
        last = datetime.combine(self.cleaned_data["keep_until"], time.max)
        return super().arguments() | {"until": timezone.make_aware(last)}
