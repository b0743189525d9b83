"""What the staff read, in two languages, for what the code calls by one name."""

from django.apps import apps
from django.utils.translation import gettext_lazy as _

APPS = {
    "organizations": _("Organizations and people"),
    "synchronization": _("User synchronization"),
    "authorization": _("Connections"),
    "audit": _("Audit log"),
}
MODELS = {
    "organizations.organization": (_("organization"), _("organizations")),
    "organizations.user": (_("user"), _("users")),
    "organizations.group": (_("group"), _("groups")),
    "synchronization.usersynchronization": (
        _("user synchronization"),
        _("user synchronizations"),
    ),
    "synchronization.noticeacceptance": (_("confirmed note"), _("confirmed notes")),
    "synchronization.tombstone": (
        _("user in the recycle bin"),
        _("users in the recycle bin"),
    ),
    "saml_sso.identityprovider": (_("SAML identity provider"),) * 2,
    "saml_sso.trustedcertificate": (_("certificate"), _("certificates")),
    "authorization.oauthclient": (_("OAuth client"), _("OAuth clients")),
    "authorization.clientsecret": (_("client secret"), _("client secrets")),
    "authorization.workloadidentity": (
        _("trusted workload identity"),
        _("trusted workload identities"),
    ),
    "authorization.grant": (_("authorized connection"), _("authorized connections")),
    "authorization.accesstoken": (_("access token"), _("access tokens")),
    "audit.auditevent": (_("audit event"), _("audit events")),
    "audit.auditsink": (_("audit sink"), _("audit sinks")),
}
CHOICES = (_("Structured log"),)  # `columns.column` looks them up


def teach() -> None:
    """Give the models their words. Django shows them nowhere but on this site."""
    for label, name in APPS.items():
        apps.get_app_config(label).verbose_name = name
    for label, (one, many) in MODELS.items():
        options = apps.get_model(label)._meta  # noqa: SLF001 - Django's documented name
        options.verbose_name, options.verbose_name_plural = one, many
