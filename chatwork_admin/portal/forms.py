"""What the portal's forms take in. They read; the operations decide."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action
from chatwork_admin.authorization.models import LONGEST_MINUTES, SHORTEST_MINUTES
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import User
from saml_sso.identity_providers.certificates import LONGEST_TEXT
from saml_sso.identity_providers.metadata_document import LARGEST_DOCUMENT

# Further away the calendar ends, and arithmetic with it.
FIRST_DAY = MinValueValidator(date(2000, 1, 1))
LAST_DAY = MaxValueValidator(date(2999, 12, 31))
DISABLE_REASONS = [
    ("", _("Choose…")),
    ("another-system", _("We move to another way of managing users")),
    ("set-up-again", _("We want to set it up again")),
    ("contract", _("The contract changes")),
    ("trouble", _("It does not work as expected")),
    ("other", _("Another reason")),
]


class MetadataForm(forms.Form):
    metadata_file = forms.FileField(
        label=_("Federation Metadata XML file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".xml,text/xml,application/xml"}),
    )
    metadata_xml = forms.CharField(
        label=_("Or paste the XML here"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, object]:
        if self.errors:  # one message is enough
            return {}
        file = self.cleaned_data["metadata_file"]
        if file is not None and file.size > LARGEST_DOCUMENT:
            raise ValidationError(gettext("The file is larger than 512 kB."))
        pasted = self.cleaned_data["metadata_xml"]
        xml: bytes = file.read() if file is not None else pasted.encode()
        if not xml.strip():
            raise ValidationError(
                gettext("Choose the metadata file, or paste its text.")
            )
        if file is not None and pasted and not _says_the_same(xml, pasted):
            raise ValidationError(gettext("Choose a file or paste the text, not both."))
        return {"xml": xml}


def _says_the_same(xml: bytes, pasted: str) -> bool:
    # Browsers paste with other line ends than the file has.
    return xml.decode("utf-8-sig", errors="replace").split() == pasted.split()


class IdentityProviderForm(forms.Form):
    """The fields as typed; `saml_sso.identity_providers.trust.validate` judges them."""

    entity_id = forms.CharField(
        label=_("Entity ID of the identity provider"),
        help_text=_("In Entra ID: “Microsoft Entra Identifier”."),
        required=False,
    )
    single_sign_on_url = forms.CharField(
        label=_("Login URL of the identity provider"),
        help_text=_("In Entra ID: “Login URL”."),
        required=False,
    )
    single_logout_url = forms.CharField(
        label=_("Logout URL of the identity provider"),
        help_text=_("Optional. In Entra ID: “Logout URL”."),
        required=False,
    )
    after_logout_url = forms.CharField(
        label=_("Page to show after signing out"),
        help_text=_("Optional. An address that begins with https://."),
        required=False,
    )
    certificates = forms.CharField(
        label=_("Signing certificates (PEM)"),
        help_text=_(
            "In Entra ID: “Certificate (Base64)”. Up to four, one below the other."
        ),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the token"),
        help_text=_("So that you recognise it later, for example “Entra ID”."),
        max_length=100,
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


class ClientForm(forms.Form):
    client_name = forms.CharField(
        label=_("Name of the client"),
        help_text=_("So that you recognise it later, for example “Entra ID”."),
        max_length=100,
    )
    token_minutes = forms.IntegerField(
        label=_("Minutes an access token lasts"),
        help_text=_("60 to 360. The client fetches a new one by itself."),
        initial=SHORTEST_MINUTES,
        min_value=SHORTEST_MINUTES,
        max_value=LONGEST_MINUTES,
    )


class SecretForm(forms.Form):
    note = forms.CharField(
        label=_("Purpose"),
        help_text=_("Where it is entered, or why it was made."),
        max_length=100,
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


class PauseForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Your colleagues and the audit log will show it."),
        max_length=500,
    )


class DisableForm(forms.Form):
    organization_name = forms.CharField(
        label=_("Name of the organization"), max_length=100
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=DISABLE_REASONS,
    )


class LoginEmailForm(forms.Form):
    """Whoever types somebody's login e-mail means that person."""

    user_name = forms.CharField(
        label=_("Login e-mail of that person"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, person: User, typed: QueryDict | None = None) -> None:
        super().__init__(typed)
        self.person = person

    def clean_user_name(self) -> str:
        typed: str = self.cleaned_data["user_name"]
        if fold(typed) != fold(self.person.user_name):
            raise ValidationError(
                gettext("The login e-mail does not match. Nothing was changed.")
            )
        return typed


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


class SignInFilterForm(forms.Form):
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("All")),
            ("succeeded", _("Signed in")),
            ("refused", _("Refused")),
            ("around", _("Emergency access")),
            ("tests", _("Test sign-ins")),
        ],
    )
