"""The page of limits: what the SCIM interface takes at most, from the code that says so."""

from __future__ import annotations

from django.conf import global_settings

from chatwork_admin.synchronization.attributes import GROUP_NAME_LIMIT, LIMITS
from chatwork_admin.web import door
from chatwork_admin.web.turns import Turns
from scim import limits
from scim.documents import (
    bounds,
    budget,
    bulk,
    filter_size,
    member_changes,
    projection,
    values,
    wordings,
)
from scim.search import cursors, syntax

KB, MB = 1024, 1024 * 1024
BODY = 1 * MB
Row = tuple[str, str, str]

REQUESTS: tuple[Row, ...] = (
    ("Address", f"{limits.MAX_ADDRESS:,} characters", "414"),
    ("Headers", f"{limits.MAX_HEADERS // 1024} KB", "431"),
    ("`Content-Type`", f"{limits.MAX_CONTENT_TYPE:,} characters", "431"),
    (
        "Parameters of an address",
        f"{global_settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,}",
        "400 `invalidSyntax`",
    ),
    ("Body", f"{BODY // MB} MB", "413"),
    ("Levels of JSON", f"{limits.MAX_DEPTH}", "400 `invalidSyntax`"),
    ("Requests", "`SCIM_RATE` a second, `SCIM_BURST` at once", "429"),
    (
        f"Requests of an organization that wait in one process; {door.WEIGHED // KB} KB of a body count as one",
        f"{Turns.most}",
        "429",
    ),
    (
        "Refused requests in the audit log, of each error code",
        f"{limits.MAX_RECORDED:,} an hour",
        "refused alike, and counted; their references are not found",
    ),
)
LISTS: tuple[Row, ...] = (
    (
        "Resources of a page",
        f"{limits.MAX_COUNT}; {limits.DEFAULT_COUNT} where nothing is said",
        "so many",
    ),
    (
        "Documents of a page, together; one resource at least",
        f"{limits.MAX_PAGE // MB} MB",
        "fewer",
    ),
    (
        "Members of the groups of a page, together, and groups of its users; one resource at least",
        f"{limits.MAX_MEMBERSHIPS:,}",
        "fewer",
    ),
    ("`startIndex`", f"{limits.MAX_START_INDEX:,}", "400 `invalidValue`"),
    ("A cursor", f"{cursors.TIMEOUT // 60} minutes", "400 `expiredCursor`"),
    ("Length of a filter", f"{syntax.MAX_LENGTH:,} characters", "400 `invalidFilter`"),
    ("Terms of a filter", f"{syntax.MAX_TERMS}", "400 `invalidFilter`"),
    (
        "Levels of parentheses and brackets in a filter",
        f"{filter_size.MAX_DEPTH}",
        "400 `invalidFilter`",
    ),
    (
        "Names in `attributes`, and in `excludedAttributes`",
        f"{projection.MAX_NAMES}",
        "400 `invalidValue`",
    ),
    ("Time of a query", f"{limits.QUERY_TIME / 1000:g} s", "400 `tooMany`"),
)
CHANGES: tuple[Row, ...] = (
    (
        "Operations of a PATCH; each attribute in a value without a path is one",
        f"{wordings.MAX_OPERATIONS:,}",
        "413",
    ),
    (
        "Terms in the filters of all its paths, and in the values that removals list",
        f"{wordings.MAX_TERMS:,}",
        "413",
    ),
    (
        "Values of lists that its operations bring, replace, and visit for each term of a filter",
        f"{budget.MAX_VISITS:,}",
        "413",
    ),
    (
        "Operations that search for members by other attributes than `value`, also in a bulk request",
        f"{member_changes.MAX_SEARCHES}, {member_changes.MAX_SEARCHED_TERMS} terms in all",
        "413",
    ),
    ("Length of a path", f"{wordings.MAX_PATH:,} characters", "400 `invalidPath`"),
    (
        "Levels of parentheses and brackets in a path",
        f"{filter_size.MAX_DEPTH}",
        "400 `invalidFilter`",
    ),
    ("Operations of a bulk request", f"{bulk.MAX_OPERATIONS}", "413"),
    ("Operations in all its PATCH bodies", f"{bulk.MAX_CHANGES:,}", "413"),
    ("Terms of filters in all of them, as of a PATCH", f"{bulk.MAX_TERMS:,}", "413"),
    (
        "Values of lists that all its operations bring, and that they visit",
        f"{budget.MAX_VISITS_TOGETHER:,}",
        "413, of each operation beyond it",
    ),
)
TEXTS: tuple[Row, ...] = (
    *((f"`{name}` of a user", f"{most}", "400") for name, most in LIMITS.items()),
    ("`displayName` of a group", f"{GROUP_NAME_LIMIT}", "400"),
    ("Any other text", f"{bounds.MAX_TEXT:,}", "400"),
    ("A certificate, in base64", f"{bounds.MAX_CERTIFICATE:,}", "400"),
    (
        "Values of a multi-valued attribute; members of a group have no limit",
        f"{bounds.MAX_VALUES}; {values.MOST_SENT:,} are read, some may be equal",
        "400",
    ),
)
RESOURCES: tuple[Row, ...] = (
    (
        "Attributes of a resource, with those of extensions",
        f"{bounds.MAX_NAMES:,}",
        "413",
    ),
    (
        "Different names in it, or in a PATCH, that mean nothing here",
        f"{bounds.MAX_NAMES:,}",
        "413",
    ),
    (
        "A resource as JSON; without `id`, `meta`, `groups` and `members`",
        f"{bounds.MAX_SIZE // KB} KB",
        "413",
    ),
)
TABLES = {
    "Requests": REQUESTS,
    "Lists": LISTS,
    "Changes": CHANGES,
    "Resources": RESOURCES,
    "Values, in characters": TEXTS,
}


def page(generated: str) -> str:
    """Return the page, in Markdown."""
    tables = [
        f"## {title}\n\n| What | At most | Beyond it |\n| --- | --- | --- |\n"
        + "".join(f"| {' | '.join(row)} |\n" for row in rows)
        for title, rows in TABLES.items()
    ]
    return (
        f"# Limits of the SCIM interface\n\n{generated}\n"
        "What is larger is refused, with the limit and what to do in `detail`; nothing "
        "is cut off.\nWhat `ServiceProviderConfig` has a place for stands there "
        "too.\n\n" + "\n".join(tables)
    )
