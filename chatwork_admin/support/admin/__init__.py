"""What is on the site. Importing this registers it."""

from chatwork_admin.support.admin import (
    audit,
    organizations,
    people,
    recycle_bin,
    synchronization,
)

__all__ = ["audit", "organizations", "people", "recycle_bin", "synchronization"]
