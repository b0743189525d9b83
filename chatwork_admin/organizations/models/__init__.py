"""Who there is: organizations, people, groups, and the sessions of their browsers."""

from chatwork_admin.organizations.models.groups import Group, Membership
from chatwork_admin.organizations.models.people import (
    Organization,
    Population,
    User,
    UserCount,
    UserQuerySet,
)
from chatwork_admin.organizations.models.second_factors import (
    Challenge,
    RecoveryCode,
    SecondFactor,
    SecurityKey,
)
from chatwork_admin.organizations.models.segments import UserSegment
from chatwork_admin.organizations.models.sessions import UserSession

__all__ = [
    "Challenge",
    "Group",
    "Membership",
    "Organization",
    "Population",
    "RecoveryCode",
    "SecondFactor",
    "SecurityKey",
    "User",
    "UserCount",
    "UserQuerySet",
    "UserSegment",
    "UserSession",
]
