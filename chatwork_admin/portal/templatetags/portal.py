"""The small pieces that the portal's templates are made of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from django import template
from django.conf import settings
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.recording import ActorKind
from chatwork_admin.portal.audit_log.attribute_words import changed
from chatwork_admin.portal.audit_log.event_words import meaning, particulars
from chatwork_admin.portal.certificate_warnings import warnings_of
from chatwork_admin.portal.icons import ICONS
from chatwork_admin.portal.navigation import NAVIGATION
from chatwork_admin.portal.signing_in import ended_words
from chatwork_admin.portal.time_left import days_left, time_left
from saml_sso.models import IdentityProvider

register = template.Library()
register.filter(changed)
register.filter(meaning)
register.filter(particulars)
register.filter(days_left)
register.filter(time_left)

THEMES = ("auto", "light", "dark")


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    request = context.get("request")
    chosen = (
        request.COOKIES.get(settings.THEME_COOKIE_NAME, "auto") if request else "auto"
    )
    return chosen if chosen in THEMES else "auto"


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon; the word beside it carries the meaning."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', ICONS[name]
    )


@register.inclusion_tag("portal/_badge.html")
def badge(kind: str, word: str) -> dict[str, str]:
    """Say a state: `kind` is ok, warn, bad, info or quiet."""
    return {"kind": kind, "icon": BADGE_ICONS[kind], "word": word}


@register.inclusion_tag("portal/_copyable.html")
def copyable(element_id: str, label: str, value: str) -> dict[str, str]:
    return {"id": element_id, "label": label, "value": value}


@register.inclusion_tag("portal/_field.html")
def field(bound_field: Any) -> dict[str, Any]:
    described = []
    if bound_field.help_text:
        described.append(f"{bound_field.id_for_label}_help")
    if bound_field.errors:
        described.append(f"{bound_field.id_for_label}_error")
    attributes = {"aria-describedby": " ".join(described)} if described else {}
    if bound_field.errors:
        attributes["aria-invalid"] = "true"
    return {"field": bound_field, "widget": bound_field.as_widget(attrs=attributes)}


@register.inclusion_tag("portal/_navigation.html", takes_context=True)
def navigation(context: Context) -> dict[str, Any]:
    match = context["request"].resolver_match
    return {"sections": NAVIGATION, "present": match.url_name if match else ""}


@register.inclusion_tag("portal/_certificate_warning.html")
def certificate_warning(
    provider: IdentityProvider | None, *, is_linked: bool = True
) -> dict[str, Any]:
    """Warn of certificates; `is_linked` to the page where it is mended."""
    return {"warnings": warnings_of(provider), "is_linked": is_linked}


@register.simple_tag
def when(instant: datetime | Literal[""] | None) -> SafeString | str:
    """Say a time in the portal's time zone, in full."""
    return _time(instant, "%Y-%m-%d %H:%M")


@register.simple_tag
def when_exactly(instant: datetime | None) -> SafeString | str:
    """Say a time to the second: what the log of somebody else is compared with."""
    return _time(instant, "%Y-%m-%d %H:%M:%S")


@register.inclusion_tag("portal/_why_out.html", takes_context=True)
def why_out(context: Context) -> dict[str, Any]:
    """Say why this browser's last session has ended, if it is of the door's people."""
    organization = context.get("organization")
    return {"sentences": ended_words.why_out(context["request"], organization)}


@register.simple_tag(takes_context=True)
def obstacle(context: Context) -> str:
    return ended_words.obstacle(context["request"], context["organization"])


@register.filter
def ago(instant: datetime | Literal[""] | None) -> str:
    """Say how long ago, or in how long; empty for no time."""
    if not instant:
        return ""
    distance = timezone.now() - instant
    if abs(distance) < timedelta(minutes=1):
        return gettext("just now")
    if distance < timedelta(0):
        return gettext("in %(time)s") % {"time": duration(-distance)}
    return gettext("%(time)s ago") % {"time": duration(distance)}


@register.filter
def thumbprint(hexadecimal: str) -> str:
    """Break a long fingerprint into readable groups of eight."""
    return " ".join(hexadecimal[i : i + 8] for i in range(0, len(hexadecimal), 8))


@register.filter
def actor_kind(kind: str) -> str:
    return str(ACTOR_KINDS[ActorKind(kind)])


@register.simple_tag(takes_context=True)
def same_query(context: Context, **changes: object) -> str:
    """Return the present query with `changes`, without the page it was on."""
    query = context["request"].GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    for name, value in changes.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"


def _time(instant: datetime | Literal[""] | None, form: str) -> SafeString | str:
    if not instant:  # "" is what a template makes of a row that is not there
        return "–"
    local = timezone.localtime(instant)
    return format_html(
        '<time datetime="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        local.strftime(form),
    )


def duration(distance: timedelta) -> str:
    minutes = int(distance.total_seconds() // 60)
    if minutes < 60:  # noqa: PLR2004
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    hours = minutes // 60
    if hours < 48:  # noqa: PLR2004
        return ngettext("%d hour", "%d hours", hours) % hours
    days = hours // 24
    return ngettext("%d day", "%d days", days) % days


BADGE_ICONS = {
    "ok": "check",
    "warn": "warning",
    "bad": "error",
    "info": "info",
    "quiet": "circle",
}

ACTOR_KINDS = {
    ActorKind.PERSON: _("person"),
    ActorKind.PROVISIONING_CLIENT: _("provisioning client"),
    ActorKind.IDENTITY_PROVIDER: _("identity provider"),
    ActorKind.SUPPORT: _("support staff"),
    ActorKind.SYSTEM: _("system"),
}
