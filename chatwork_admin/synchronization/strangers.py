"""Whoever is to join a group and is nobody here is left out, and said in the log (H9)."""

from __future__ import annotations

import logging

from chatwork_admin.organizations.models import Group, Membership

logger = logging.getLogger(__name__)

MOST = 10  # in a line of the log


def note(group: Group, others: set[str]) -> None:
    """Log who of those who did not join is no member either: nobody here, that is."""
    if not others:
        return
    here = Membership.objects.filter(organization=group.organization_id, group=group)
    members = here.filter(user_id__in=others).values_list("user_id", flat=True)
    unknown = others.difference(map(str, members))
    if unknown:
        logger.info(
            "unknown members left out",
            extra={
                "count": len(unknown),
                "members": sorted(unknown)[:MOST],
                "group": str(group.pk),
                "organization": str(group.organization_id),
            },
        )
