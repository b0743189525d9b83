"""What is on the site. Importing this registers it."""

from chatwork_admin.support.admin import (
    audit,
    authorization,
    organizations,
    people,
    recycle_bin,
    synchronization,
)

__all__ = [
    "audit",
    "authorization",
    "organizations",
    "people",
    "recycle_bin",
    "synchronization",
]
