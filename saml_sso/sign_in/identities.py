"""Who of an organization's people is meant by an assertion.

Nobody is created: whoever has no account is refused, also while user synchronization is
off. Names come and go, Entra's object id stays: it decides, wherever it is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.identifiers import is_object_id
from chatwork_admin.organizations import administrator_right
from chatwork_admin.organizations.folding import fold, is_spelled_alike
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.organizations.sessions import ending
from saml_sso.messages.assertions import Assertion
from saml_sso.models import LinkedIdentity
from saml_sso.sign_in.login_reasons import LoginReason, LoginRejected


@dataclass(frozen=True, slots=True)
class Account:
    """An account at the identity provider, as an assertion that was believed named it."""

    issuer: str
    object_id: str
    name_id: str
    name_id_format: str


def recognise(
    organization: Organization, assertion: Assertion, *, actor: Actor
) -> User:
    """Return the person an assertion is about, locked, and link the two.

    By object id, then by the external id that provisioning gave, then, for a first
    link, by login e-mail; within the organization only. Whoever administers is linked
    by the login e-mail alone, unless they do it themselves (`testing.link`): provisioning
    does not say who that is. Raises LoginRejected.
    """
    found = _person_meant(organization, assertion)
    people = organization.users.present().select_for_update(no_key=True)
    person = people.filter(pk=found.pk).first()
    if person is None:  # deleted in this moment
        raise LoginRejected(LoginReason.PERSON_UNKNOWN)
    identity = LinkedIdentity.objects.filter(user=person).first()
    _require_same_identity(person, identity, assertion)
    if not person.is_active:
        raise LoginRejected(LoginReason.PERSON_SUSPENDED, user=person)
    _link(person, identity, assertion, actor)
    return person


def may_be_linked(person: User, account: Account) -> bool:
    """Say whether an account is nobody else's by any criterion, nor this person's yet."""
    known = LinkedIdentity.objects.filter(user=person).first()
    if known is not None and _key(known) == _key(account):
        return False
    meant = _candidates(person.organization, account)
    return all(found == person for candidates in meant for found in candidates)


def link(person: User, account: Account, *, actor: Actor) -> None:
    """Let an account be this person's, who has proven to be the owner of both.

    Raises LoginRejected if somebody else got it meanwhile.
    """
    identities = LinkedIdentity.objects.select_for_update()
    _link(person, identities.filter(user=person).first(), account, actor)


@transaction.atomic
def unlink(organization: Organization, person: User, *, actor: Actor) -> None:
    """Forget which account at the identity provider is theirs, and sign them out.

    The next sign-in links anew, by the criteria of a first one. Where nothing is linked,
    nothing is done. Raises administrator_right.NotAllowed.
    """
    administrator_right.hold(organization, actor)
    identities = LinkedIdentity.objects.select_for_update()
    link = identities.filter(organization=organization, user=person).first()
    if link is None:
        return
    link.delete()
    ending.end_sessions_of(person, why=Why.ADMINISTRATOR, actor=actor)
    record(
        Action.IDENTITY_UNLINKED,
        organization_id=organization.pk,
        actor=actor,
        target=_target(person),
        changes=_change(link.object_id, ""),
    )


def _person_meant(organization: Organization, assertion: Assertion) -> User:
    for found in _candidates(organization, assertion):
        if len(found) > 1:
            raise LoginRejected(LoginReason.PERSON_AMBIGUOUS)
        if found:
            return found[0]
    raise LoginRejected(LoginReason.PERSON_UNKNOWN)


def _candidates(
    organization: Organization, assertion: Assertion | Account
) -> Iterator[list[User]]:
    """Yield the people each criterion finds, the surest first; two at most."""
    people = organization.users.present()
    if object_id := assertion.object_id:
        linked = LinkedIdentity.objects.filter(
            organization=organization, object_id=object_id
        )
        yield list(people.filter(pk__in=linked.values("user")))
        yield list(people.filter(external_id=object_id)[:2])
    yield list(people.filter(external_id=assertion.name_id)[:2])
    named = people.filter(user_name_key=fold(assertion.name_id))
    name_id = assertion.name_id
    yield [each for each in named if is_spelled_alike(each.user_name, name_id)]


def _require_same_identity(
    person: User, identity: LinkedIdentity | None, assertion: Assertion
) -> None:
    """An address may be given to somebody else; an object id never is.

    A member may have two: of an account that was linked, and of a new one that has taken
    its place, as provisioning says. Who administers has one: else whoever holds a token
    of provisioning could become the administrator.
    """
    linked = _linked_object_id(identity, assertion.issuer)
    if linked and not assertion.object_id:
        raise LoginRejected(LoginReason.OBJECT_ID_MISSING, user=person)
    if _is_said_to_be(person, linked, assertion):
        return
    if _is_named(person, assertion):
        raise LoginRejected(LoginReason.IDENTITY_CONFLICT, user=person)
    # Found by what provisioning says, and nobody else.
    raise LoginRejected(LoginReason.EXTERNAL_ID_CONFLICT, user=person)


def _is_said_to_be(person: User, linked: str, assertion: Assertion) -> bool:
    if person.administers and linked:
        return assertion.object_id == linked
    if person.administers and not _is_named(person, assertion):
        return False
    known = {linked, _provisioned_object_id(person)} - {""}
    return not known or not assertion.object_id or assertion.object_id in known


def _is_named(person: User, assertion: Assertion) -> bool:
    return is_spelled_alike(person.user_name, assertion.name_id)


def _linked_object_id(identity: LinkedIdentity | None, issuer: str) -> str:
    # Another issuer: the administrator trusts another tenant by now.
    return identity.object_id if identity and identity.issuer == issuer else ""


def _provisioned_object_id(person: User) -> str:
    """An external id in this form is Entra's object id, as our guide asks for."""
    external_id = person.external_id.lower()
    return external_id if is_object_id(external_id) else ""


def _link(
    person: User,
    identity: LinkedIdentity | None,
    assertion: Assertion | Account,
    actor: Actor,
) -> None:
    link = identity or LinkedIdentity(organization=person.organization, user=person)
    before = link.object_id
    is_new = identity is None or _key(identity) != _key(assertion)
    link.issuer, link.object_id = _key(assertion)
    link.name_id, link.name_id_format = assertion.name_id, assertion.name_id_format
    link.last_seen_at = timezone.now()
    if not is_new:
        link.save()
        return
    link.linked_at = link.last_seen_at
    _take_object_id(link)
    _record_link(person, link, before, actor)


def _record_link(person: User, link: LinkedIdentity, before: str, actor: Actor) -> None:
    """Who administers is told by mail, with the account."""
    is_told = person.is_administrator
    record(
        Action.ADMINISTRATOR_LINKED if is_told else Action.IDENTITY_LINKED,
        organization_id=person.organization_id,
        actor=actor,
        target=_target(person),
        changes=_change(before, link.object_id),
        context={"name": link.name_id, "object_id": link.object_id} if is_told else {},
    )


def _key(known: LinkedIdentity | Assertion | Account) -> tuple[str, str]:
    return known.issuer, known.object_id or ""


def _take_object_id(link: LinkedIdentity) -> None:
    _let_go_of_the_deleted(link)
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError as error:  # somebody else got this object id meanwhile
        raise LoginRejected(LoginReason.IDENTITY_CONFLICT, user=link.user) from error


def _let_go_of_the_deleted(link: LinkedIdentity) -> None:
    """Whoever is provisioned again after a deletion is another user, the same person."""
    if link.object_id:
        LinkedIdentity.objects.filter(
            organization=link.organization_id,
            object_id=link.object_id,
            user__deleted_at__isnull=False,
        ).delete()


def _target(person: User) -> Target:
    return Target("user", str(person.pk), person.user_name)


def _change(before: str, after: str) -> list[dict[str, str]]:
    if before == after:
        return []
    return [{"attribute": "object_id", "before": before, "after": after}]
