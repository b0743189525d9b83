"""By which indexes users are found at the same cost in any organization (record 0025).

The organization comes first, so that neighbours cost nothing, and the order of lists
last, so that those with one value lie in it: a page is a range. That order is by
`created_at`: for an order by `id`, PostgreSQL would rather walk the primary key, over
all the neighbours, until it has seen enough of us. Who is in the recycle
bin is in none; who lacks an attribute is in none that serves it. One more index, of
`lookup_keys`, is made by migration 0007: Django has no word for it.
"""

from __future__ import annotations

from django.db import models

PRESENT = models.Q(deleted_at=None)


def _index(name: str, *columns: str, condition: models.Q = PRESENT) -> models.Index:
    fields = ["organization", *columns, "created_at", "id"]
    return models.Index(fields=fields, name=name, condition=condition)


def _text_index(name: str, column: str) -> models.Index:
    return _index(name, column, condition=PRESENT & ~models.Q(**{column: ""}))


USER_INDEXES = [
    _index("user_by_user_name", "user_name_key"),
    _index("user_by_active", "is_active"),
    _index("user_by_creation"),
    _index("user_by_change", "changed_at"),
    _text_index("user_by_external_id", "external_id"),
    _text_index("user_by_display_name", "display_name_key"),
    _text_index("user_by_title", "title_key"),
    _text_index("user_by_department", "department_key"),
    _text_index("user_by_organization_name", "organization_name_key"),
    _text_index("user_by_employee_number", "employee_number_key"),
    models.Index(
        fields=["organization", "user_name_key", "id"],
        include=["display_name_key"],
        name="user_who_entered",
        condition=PRESENT & models.Q(is_active=True, last_login__isnull=False),
    ),
    models.Index(
        fields=["organization", "user_name_key"],
        name="user_not_provisioned",
        condition=PRESENT
        & models.Q(is_active=True, last_login__isnull=False, linked_at=None),
    ),
    models.Index(
        fields=["organization", "user_name_key", "id"],
        include=["display_name_key"],
        name="user_outside",
        condition=PRESENT & models.Q(is_active=True, last_login=None),
    ),
    models.Index(
        fields=["organization", "user_name_key"],
        name="user_who_administers",
        condition=PRESENT & ~models.Q(role="member"),
    ),
    models.Index(
        fields=["deleted_at"],
        name="user_in_recycle_bin",
        condition=models.Q(deleted_at__isnull=False),
    ),
]
