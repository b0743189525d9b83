"""Codes that are shown once, as a file to keep."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


def code_file(
    request: HttpRequest,
    codes: Collection[str],
    *,
    name: str,
    template: str = "portal/recovery_codes.txt",
    **said: object,
) -> HttpResponse:
    """Return the codes as a text file, `chatwork-{name}.txt`.

    `said` goes into the template: `whose` they are, and how they are used.
    """
    kind, context = "text/plain; charset=utf-8", {"codes": codes, **said}
    context["today"] = timezone.localdate()
    file = render(request, template, context, content_type=kind)
    file["Content-Disposition"] = f'attachment; filename="chatwork-{name}.txt"'
    return file
