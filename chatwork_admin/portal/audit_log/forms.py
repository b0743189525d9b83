"""Which events of the audit log are looked for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action

SELECTED = mark_safe(" selected")
# Further away the calendar ends, and arithmetic with it.
FIRST_DAY = MinValueValidator(date(2000, 1, 1))
LAST_DAY = MaxValueValidator(date(2999, 12, 31))


class PlainSelect(forms.Select):
    """Django renders two templates for each option; there are as many as actions."""

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: Any = None
    ) -> SafeString:
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (each, SELECTED if each == value else "", label)
                for each, label in self.choices
            ),
        )
        named = flatatt(self.build_attrs({**self.attrs, "name": name}, attrs))
        return format_html("<select{}>{}</select>", named, options)


class AuditFilterForm(forms.Form):
    action = forms.ChoiceField(
        label=_("Action"),
        required=False,
        choices=[("", _("All")), *Action.choices],
        widget=PlainSelect,
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
