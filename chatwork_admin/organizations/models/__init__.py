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
    RecoveryCode,
    SecondFactor,
    SecurityKey,
    UsedChallenge,
)
from chatwork_admin.organizations.models.segments import UserBlock, UserSegment
from chatwork_admin.organizations.models.sessions import UserSession

__all__ = [
    "Group",
    "Membership",
    "Organization",
    "Population",
    "RecoveryCode",
    "SecondFactor",
    "SecurityKey",
    "UsedChallenge",
    "User",
    "UserBlock",
    "UserCount",
    "UserQuerySet",
    "UserSegment",
    "UserSession",
]
