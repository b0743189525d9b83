from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chatwork_admin.portal.error_codes import BY_CODE, ERROR_CODES


@require_safe
def error_codes(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/help/error_codes.html", {"codes": ERROR_CODES})


@require_safe
def error_code(request: HttpRequest, code: str) -> HttpResponse:
    """Lead from `/help/errors/USER-1/` or `/CW-USER-1/` to its row of the table."""
    full = f"CW-{code.upper().removeprefix('CW-')}"
    if full not in BY_CODE:
        raise Http404
    return redirect(f"{reverse('portal:error-codes')}#{full}")
