"""Which device a browser says it runs on, in words somebody recognises as theirs."""

from __future__ import annotations

from django.utils.translation import gettext

# Browsers name those they descend from, so the order matters.
BROWSERS = {
    "Edg": "Microsoft Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Windows": "Windows",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def device(user_agent: str) -> str:
    """Return such as "Chrome, Windows"; what the browser says is not to be trusted."""
    found = [
        next((word for mark, word in known.items() if mark in user_agent), "")
        for known in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or gettext("Unknown device")
