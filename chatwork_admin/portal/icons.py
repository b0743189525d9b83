"""The shapes of the portal's icons: strokes on a grid of 24 by 24."""

from django.utils.safestring import mark_safe

_PATHS = {
    "check": "M20 6 9 17l-5-5",
    "warning": "M12 9v4m0 4h.01M10.3 3.9 1.8 18a2 2 0 0 0 1.7 3h17a2 2 0 0 0 1.7-3"
    "L13.7 3.9a2 2 0 0 0-3.4 0z",
    "error": "M12 8v4m0 4h.01M7.9 2h8.2L22 7.9v8.2L16.1 22H7.9L2 16.1V7.9z",
    "info": "M12 16v-4m0-4h.01M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0z",
    "circle": "M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0z",
    "home": "M3 10.5 12 3l9 7.5V20a1 1 0 0 1-1 1h-5v-7H9v7H4a1 1 0 0 1-1-1z",
    "users": "M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2m20 0v-2a4 4 0 0 0-3-3.9"
    "M16 3.1a4 4 0 0 1 0 7.8M13 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0z",
    "team": "M12 3 2 8l10 5 10-5zM2 12.5l10 5 10-5M2 17l10 5 10-5",
    "sync": "M21 12a9 9 0 0 1-15.5 6.2L3 16m0 5v-5h5M3 12a9 9 0 0 1 15.5-6.2L21 8"
    "m0-5v5h-5",
    "plug": "M9 2v6m6-6v6M6 8h12v4a6 6 0 0 1-12 0zm6 10v4",
    "pause": "M9 5v14M15 5v14",
    "play": "M6 4l14 8-14 8z",
    "key": "M15.5 7.5 19 4m-8.5 8.5L21 2m-6 6 3 3 3.5-3.5-3-3"
    "M11.4 11.6a5.5 5.5 0 1 1-7.8 7.8 5.5 5.5 0 0 1 7.8-7.8z",
    "list": "M8 6h13M8 12h13M8 18h13M3 6h.01M3 12h.01M3 18h.01",
    "help": "M9.1 9a3 3 0 0 1 5.8 1c0 2-3 3-3 3m0 4h.01M22 12a10 10 0 1 1-20 0 10 10"
    " 0 0 1 20 0z",
    "copy": "M9 9h12v12H9zM5 15H3V3h12v2",
    "lock": "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4",
    "search": "M21 21l-4.3-4.3M19 11a8 8 0 1 1-16 0 8 8 0 0 1 16 0z",
    "menu": "M3 6h18M3 12h18M3 18h18",
    "out": "M9 21H4V3h5m7 14 5-5-5-5m5 5H9",
    "sun": "M12 2v2m0 16v2M4.9 4.9l1.4 1.4m11.4 11.4 1.4 1.4M2 12h2m16 0h2M6.3 17.7"
    "l-1.4 1.4M19.1 4.9l-1.4 1.4M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0z",
    "moon": "M21 12.8A9 9 0 1 1 11.2 3a7 7 0 0 0 9.8 9.8z",
    "screen": "M3 4h18v12H3zM8 20h8m-4-4v4",
    "globe": "M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0zM2 12h20M12 2c3 3 4 6.5 4 10"
    "s-1 7-4 10c-3-3-4-6.5-4-10s1-7 4-10z",
    "shield": "M12 22s8-4 8-10V5l-8-3-8 3v7c0 6 8 10 8 10z",
    "arrow": "M5 12h14m-6-6 6 6-6 6",
    "trash": "M3 6h18M8 6V3h8v3m3 0-1 15H6L5 6",
}

# Constants of this file, not anybody's input.
ICONS = {name: mark_safe(f'<path d="{path}"/>') for name, path in _PATHS.items()}  # noqa: S308
