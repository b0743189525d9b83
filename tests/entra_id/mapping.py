"""Attribute mappings: which property of the directory goes into which attribute of the target."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.entra_id.attribute_paths import ENTERPRISE_USER, Value
from tests.entra_id.directory import Group, User

Attributes = Mapping[str, Value]
MANAGER = f"{ENTERPRISE_USER}:manager"


@dataclass(frozen=True)
class AttributeMapping:
    """The rows of an app's "Attribute-Mapping" section, target attribute by target attribute.

    `userName` is the matching property. A reference (`with_manager`) is written
    in a second pass, when the target ids of all users are known.
    """

    name: str
    rows: Mapping[str, Callable[[User], Value]]
    with_manager: bool = False

    def attributes_of(self, user: User) -> Attributes:
        """Map a user; empty properties are left out.

        Entra does not send nulls ("Known issues for provisioning").
        """
        mapped = {target: source(user) for target, source in self.rows.items()}
        return {target: value for target, value in mapped.items() if value != ""}


def attributes_of_group(group: Group) -> Attributes:
    """Map a group without its members: displayName, externalId from objectId."""
    return {"displayName": group.display_name, "externalId": group.object_id}


def switch_is_soft_deleted(user: User) -> bool:
    """Evaluate `Switch([IsSoftDeleted], , "False", "True", "True", "False")`.

    The result is a string in Entra; the dialect decides whether it is spoken so.
    """
    return user.is_active


def join_of_names(user: User) -> str:
    """Evaluate `Join(" ", [givenName], [surname])`."""
    return " ".join(part for part in (user.given_name, user.surname) if part)


# "Tutorial: Configure Chatwork for automatic user provisioning", step 5.
GALLERY = AttributeMapping(
    name="gallery",
    rows={
        "userName": lambda user: user.user_principal_name,
        "active": switch_is_soft_deleted,
        "title": lambda user: user.job_title,
        "externalId": lambda user: user.object_id,
        f"{ENTERPRISE_USER}:department": lambda user: user.department,
        f"{ENTERPRISE_USER}:organization": lambda user: user.company_name,
    },
)

# "Develop and plan provisioning for a SCIM endpoint", the default user mapping.
FULL = AttributeMapping(
    name="full",
    rows={
        "userName": lambda user: user.user_principal_name,
        "active": switch_is_soft_deleted,
        "displayName": lambda user: user.display_name,
        "title": lambda user: user.job_title,
        'emails[type eq "work"].value': lambda user: user.mail,
        "preferredLanguage": lambda user: user.preferred_language,
        "name.givenName": lambda user: user.given_name,
        "name.familyName": lambda user: user.surname,
        "name.formatted": join_of_names,
        'addresses[type eq "work"].streetAddress': lambda user: user.street_address,
        'addresses[type eq "work"].locality': lambda user: user.city,
        'addresses[type eq "work"].region': lambda user: user.state,
        'addresses[type eq "work"].postalCode': lambda user: user.postal_code,
        'addresses[type eq "work"].country': lambda user: user.country,
        'phoneNumbers[type eq "work"].value': lambda user: user.telephone_number,
        'phoneNumbers[type eq "mobile"].value': lambda user: user.mobile,
        "externalId": lambda user: user.mail_nickname,
        f"{ENTERPRISE_USER}:employeeNumber": lambda user: user.employee_id,
        f"{ENTERPRISE_USER}:department": lambda user: user.department,
        f"{ENTERPRISE_USER}:organization": lambda user: user.company_name,
    },
    with_manager=True,
)

MAPPINGS = {mapping.name: mapping for mapping in (GALLERY, FULL)}
