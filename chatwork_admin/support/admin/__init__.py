"""What is on the site. Importing this registers it."""

from chatwork_admin.support.admin import audit, organizations, people, synchronization

__all__ = ["audit", "organizations", "people", "synchronization"]
