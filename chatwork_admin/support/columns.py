"""What one cell shows: values under translated names, links, documents."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.recording import INSTALLATION

Column = Callable[[Any], object]
if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

SECRET = ("password", "secret", "token", "credential")
HIDDEN = "•••"
NOTHING = "-"


def column(name: str, title: str | StrPromise, *, is_flag: bool = False) -> Column:
    """Return a column that shows the attribute `name`; a choice by its words."""

    @admin.display(description=title, boolean=is_flag)
    def shown(row: Model) -> object:
        words = getattr(row, f"get_{name}_display", None)
        value = gettext(words()) if words else getattr(row, name)
        return value if is_flag else in_words(value)

    shown.__name__ = f"shown_{name}"
    return shown


@admin.display(description=_("Organization"))
def organization_link(row: Any) -> SafeString:
    """Link to the organization; audit rows know its name by annotation."""
    if row.organization_id == INSTALLATION:
        return format_html("{}", NOTHING)
    name = getattr(row, "organization_name", None) or str(
        getattr(row, "organization", row.organization_id)
    )
    address = change_page("organizations_organization", row.organization_id)
    return format_html('<a href="{}">{}</a>', address, name)


def in_words(value: object) -> str:
    """Return a value as people read it; instants to the second, with their zone."""
    if isinstance(value, datetime):
        return _instant(localtime(value))
    if isinstance(value, list):
        value = ", ".join(map(in_words, value))
    return NOTHING if value in {None, ""} else str(value)


def _instant(local: datetime) -> SafeString:
    """Return a day and a time, between which a narrow column may break the line."""
    return format_html(
        '<time datetime="{}"><span>{}</span> <span>{}</span></time>',
        local.isoformat(),
        f"{local:%Y-%m-%d}",
        f"{local:%H:%M:%S %Z}",
    )


def json_column(name: str, title: str | StrPromise) -> Column:
    @admin.display(description=title)
    def shown(row: Model) -> SafeString:
        return pretty(getattr(row, name))

    shown.__name__ = f"shown_{name}"
    return shown


def pretty(document: object) -> SafeString:
    """Return JSON for people to read, without what must stay secret."""
    text = json.dumps(without_secrets(document), ensure_ascii=False, indent=2)
    return format_html('<pre class="document">{}</pre>', text)


def without_secrets(value: Any) -> Any:
    """Return the JSON value with the values of secret attributes hidden."""
    if isinstance(value, list):
        return [without_secrets(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: HIDDEN if _is_secret(key) else without_secrets(each)
        for key, each in value.items()
    }


def change_page(model: str, pk: object) -> str:
    return reverse(f"admin:{model}_change", args=[pk])


def list_page(model: str, **filters: str | uuid.UUID) -> str:
    """Return the address of a list, filtered."""
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(filters)}"


def _is_secret(attribute: str) -> bool:
    return any(word in attribute.casefold() for word in SECRET)
