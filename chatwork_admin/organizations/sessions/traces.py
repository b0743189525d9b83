"""What a browser is still known by after its session has ended: that session, no person.

It tells nothing to strangers: whoever holds it was signed in with it.
"""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase

from chatwork_admin.organizations.models import UserSession

ENDED, LOST = "ended_session", "lost_form"


def remember(browser: SessionBase, session: UserSession) -> None:
    browser[ENDED] = str(session.pk)


def remembered(browser: SessionBase) -> UserSession | None:
    """Return the session that ended in this browser, until somebody signs in with it."""
    if ENDED not in browser:
        return None
    sessions = UserSession.objects.filter(pk=browser[ENDED])
    return sessions.select_related("user__organization").first()


def note_lost_form(browser: SessionBase) -> None:
    """Remember that a form came too late, and that nothing was done with it."""
    browser[LOST] = True


def has_lost_form(browser: SessionBase) -> bool:
    return LOST in browser
