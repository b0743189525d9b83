"""Between django-scim2's views and provisioning: they carry documents, decide nothing."""

from __future__ import annotations

from functools import partial

from django_scim.adapters import SCIMGroup, SCIMUser

from chatwork_admin.organizations.models import Group, User
from chatwork_admin.synchronization import grouping, ignoring, provisioning
from chatwork_admin.synchronization.versions import Expected
from scim.authentication import ScimRequest
from scim.documents import operations, patch, preconditions, projection, resources
from scim.documents.schemas import GROUP_TYPE, USER_TYPE, Document
from scim.representation import GROUPS, USERS
from scim.search import selections


class UserAdapter(SCIMUser):  # type: ignore[misc] # untyped
    id_field = "id"
    obj: User
    request: ScimRequest
    reading: resources.Reading

    def from_dict(self, d: Document) -> None:
        self.reading = resources.parse_user(d)
        note_ignored(self.request, self.reading.ignored)

    def save(self) -> None:
        wanted, request = self.reading.document, self.request
        if request.method == "PUT":
            self._change(partial(resources.keeping_active, after=wanted))
            return
        self.obj = provisioning.provision_user(
            request.organization,
            {"active": True} | wanted,
            actor=request.actor,
            user_id=self.obj.pk,
        )

    def handle_operations(self, body: object) -> None:
        asked = operations.parse(USER_TYPE, body)
        note_ignored(self.request, asked.ignored)
        self._change(partial(patch.patch_user, operations=asked.operations))

    def delete(self) -> None:
        request = self.request
        provisioning.deprovision_user(
            request.organization,
            self.obj.pk,
            actor=request.actor,
            expected=expected_of(request),
        )

    def to_dict(self) -> Document:
        shown = projection_of(self.request)
        # And therefore in no group, but for who comes back from the recycle bin.
        is_new = self.request.method == "POST" and not self.obj.is_successor
        return USERS.resource(USERS.row_of(self.obj, shown, is_new=is_new))

    def _change(self, change: provisioning.DocumentChange) -> None:
        request = self.request
        self.obj = provisioning.change_user(
            request.organization,
            self.obj.pk,
            change,
            actor=request.actor,
            expected=expected_of(request),
        )


class GroupAdapter(SCIMGroup):  # type: ignore[misc] # untyped
    id_field = "id"
    obj: Group
    request: ScimRequest
    reading: resources.Reading

    def from_dict(self, d: Document) -> None:
        self.reading = resources.parse_group(d)
        note_ignored(self.request, self.reading.ignored)

    def save(self) -> None:
        reading, request = self.reading, self.request
        if request.method == "PUT":
            members = self._members()
            self._change(lambda _: (reading.document, members))
            return
        self.obj = grouping.provision_group(
            request.organization,
            reading.document,
            reading.members or frozenset(),
            actor=request.actor,
            group_id=self.obj.pk,
            no_ids=reading.no_ids,
        )

    def handle_operations(self, body: object) -> None:
        asked = operations.parse(GROUP_TYPE, body)
        joining, leaving = map(resources.no_ids, patch.named_members(asked.operations))
        note_ignored(self.request, asked.ignored + ["members.value"] * bool(leaving))
        select = partial(selections.members, self.request.organization, self.obj.pk)

        def change(document: Document) -> tuple[Document, grouping.MemberChange]:
            patched, members = patch.patch_group(document, asked.operations, select)
            return patched, grouping.MemberChange(
                members.joining, members.leaving, members.replaces, joining
            )

        self._change(change)

    def delete(self) -> None:
        request = self.request
        grouping.deprovision_group(
            request.organization,
            self.obj.pk,
            actor=request.actor,
            expected=expected_of(request),
        )

    def to_dict(self) -> Document:
        shown = projection_of(self.request)
        return GROUPS.resource(GROUPS.row_of(self.obj, shown))

    def _members(self) -> grouping.MemberChange:
        """Return what a whole Group says of its members: nothing, or who they all are."""
        members, no_ids = self.reading.members, self.reading.no_ids
        if members is None:
            return grouping.MemberChange()
        return grouping.MemberChange(members, replaces=True, no_ids=no_ids)

    def _change(self, change: grouping.GroupChange) -> None:
        request = self.request
        self.obj = grouping.change_group(
            request.organization,
            self.obj.pk,
            change,
            actor=request.actor,
            expected=expected_of(request),
        )


def projection_of(request: ScimRequest) -> projection.Projection:
    said = request.GET
    return projection.parse(said.get("attributes"), said.get("excludedAttributes"))


def expected_of(request: ScimRequest) -> Expected:
    said = request.headers
    return preconditions.expected(said.get("If-Match"), said.get("If-None-Match"))


def note_ignored(request: ScimRequest, names: list[str]) -> None:
    """D12, F28: what means nothing here is ignored, and said in the audit log."""
    if names:
        ignoring.note(request.organization, names, actor=request.actor)
