from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.i18n import set_language

from chatwork_admin.portal.access import post_only
from chatwork_admin.portal.templatetags.portal import THEMES

YEAR = 365 * 24 * 60 * 60


@post_only
def choose(request: HttpRequest) -> HttpResponse:
    """Remember the language and the theme in cookies, and go back to the page."""
    response: HttpResponse = set_language(request)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            settings.THEME_COOKIE_NAME,
            theme,
            max_age=YEAR,
            secure=settings.IS_HTTPS,
            httponly=True,
            samesite="Lax",
        )
    return response
