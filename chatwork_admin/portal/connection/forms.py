"""What clients, secrets and tokens are asked for. They read; the operations decide."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.authorization.models import LONGEST_MINUTES, SHORTEST_MINUTES
from chatwork_admin.organizations.visible_text import VISIBLE

# Further away the calendar ends, and arithmetic with it.
LAST_DAY = MaxValueValidator(date(2999, 12, 31))


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the token"),
        help_text=_("So that you recognise it later, for example “Entra ID”."),
        max_length=100,
        validators=[VISIBLE],
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        help_text=_("Optional. Without a date it never expires."),
        required=False,
        validators=[LAST_DAY],
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    nonce = forms.CharField(
        max_length=64,
        widget=forms.HiddenInput,
        error_messages={"required": _("Reload the page and try again.")},
    )

    def clean_expires_on(self) -> date | None:
        last_day: date | None = self.cleaned_data["expires_on"]
        if last_day is not None and last_day < timezone.localdate():
            raise ValidationError(gettext("This day has passed already."))
        return last_day

    def expires_at(self) -> datetime | None:
        """Return the last instant of the last day, in the portal's time zone."""
        last_day = self.cleaned_data["expires_on"]
        if last_day is None:
            return None
        return timezone.make_aware(datetime.combine(last_day, time.max))


class LifetimeForm(forms.Form):
    token_minutes = forms.IntegerField(
        label=_("Minutes an access token lasts"),
        help_text=_("60 to 360. The client fetches a new one by itself."),
        initial=SHORTEST_MINUTES,
        min_value=SHORTEST_MINUTES,
        max_value=LONGEST_MINUTES,
    )


class ClientForm(LifetimeForm):
    client_name = forms.CharField(
        label=_("Name of the client"),
        help_text=_("So that you recognise it later, for example “Entra ID”."),
        max_length=100,
        validators=[VISIBLE],
    )


class SecretForm(forms.Form):
    note = forms.CharField(
        label=_("Purpose"),
        help_text=_("Where it is entered, or why it was made."),
        max_length=100,
        validators=[VISIBLE],
    )
    years = forms.TypedChoiceField(
        label=_("Valid for"),
        help_text=_("Replace it before then."),
        coerce=int,
        choices=[(1, _("1 year")), (2, _("2 years")), (3, _("3 years"))],
    )
    nonce = forms.CharField(
        max_length=64,
        widget=forms.HiddenInput,
        error_messages={"required": _("Reload the page and try again.")},
    )

    def expires_at(self) -> datetime:
        return timezone.now() + timedelta(days=365 * self.cleaned_data["years"])
