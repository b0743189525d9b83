"""The bulk endpoint (RFC 7644 §3.7): each operation is a request of its own.

It is answered by the view that answers it elsewhere: with the same transaction, the
same errors, and the same record of what was refused.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import quote

import orjson
from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.urls import reverse

from chatwork_admin.identifiers import new_id
from scim import errors, rate
from scim.authentication import ScimRequest
from scim.dispatch import ScimView, answer
from scim.documents import budget, bulk, messages
from scim.documents.schemas import Document
from scim.views import GroupsView, ResourceView, UsersView

VIEWS: dict[str, type[ResourceView]] = {"users": UsersView, "groups": GroupsView}
PATH = re.compile(r"/(users|groups)(?:/(?!\.search)([^/?#]+))?/?", re.IGNORECASE)
METHODS = {"POST", "PUT", "PATCH", "DELETE"}
CARRIED = ("request_reference", "REMOTE_ADDR", "HTTP_X_FORWARDED_FOR")
UNSEEN = QueryDict("excludedAttributes=groups,members")  # no result shows them


class BulkView(ScimView):
    is_atomic = False  # §3.7: each operation is, and the request is not

    def allowed(self) -> list[str]:
        return ["POST"]

    def post(self, request: ScimRequest, **_: str) -> HttpResponse:
        asked = bulk.parse(self.body)
        rate.admit(request.organization.pk, requests=len(asked.operations) - 1)
        job = Job(request, asked)
        with budget.shared():
            results = job.run()
        return answer({"schemas": [messages.BULK_RESPONSE], "Operations": results})


class Job:
    """A bulk request at work.

    Every creation has its id from the beginning, so that what refers to it can be
    written before it or after it, as two that refer to each other must (§3.7.1).
    """

    def __init__(self, request: ScimRequest, asked: bulk.BulkRequest) -> None:
        creations = [each for each in asked.operations if each.is_creation]
        self.request = request
        self.asked = asked
        self.ids = {each.bulk_id: new_id() for each in creations}
        self.failed: set[str] = set()  # bulkIds of what was not created

    def run(self) -> list[Document]:
        """Return the results of what was done, in the order of the request.

        What others refer to is done before them, and so counts before them for
        failOnErrors (§3.7.3).
        """
        results: dict[int, Document] = {}
        errors_left = self.asked.most_errors
        for operation in bulk.in_order(self.asked.operations):
            response = self._perform(operation)
            results[operation.index] = self._result(operation, response)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                self.failed.add(operation.bulk_id)
                errors_left -= 1
            if not errors_left:
                break
        return [results[index] for index in sorted(results)]

    def _perform(self, operation: bulk.BulkOperation) -> HttpResponse:
        path = str(bulk.resolved(operation.path, self.ids))
        address = PATH.fullmatch(path)
        view = VIEWS[address[1].lower()]() if address else ResourceView()
        view.new_id = self.ids.get(operation.bulk_id)
        named = {"uuid": address[2]} if address and address[2] else {}
        view.setup(self._request(operation, path), **named)
        try:
            self._require_sound(operation, address)
            view.body = bulk.resolved(operation.data, self.ids)
            return view.performed(view.request, **named)
        except Exception as error:  # noqa: BLE001 - the door of this operation
            return view.refused(error)

    def _request(self, operation: bulk.BulkOperation, path: str) -> ScimRequest:
        request = ScimRequest()
        request.method, request.GET = operation.method, UNSEEN
        request.path = request.path_info = f"{_root()}{path}"
        meta = {name: self.request.META.get(name, "") for name in CARRIED}
        condition = {"HTTP_IF_MATCH": operation.version} if operation.version else {}
        request.META.update(meta | condition)
        request.organization = self.request.organization
        request.client, request.actor = self.request.client, self.request.actor
        return request

    def _require_sound(self, operation: bulk.BulkOperation, address: object) -> None:
        place = f"Operations[{operation.index}]"
        if operation.method not in METHODS:
            raise errors.BadOperation(
                f"{place}: method must be POST, PUT, PATCH or DELETE"
            )
        if not operation.path.startswith("/"):
            raise errors.BadOperation(
                f'{place}: path must begin with a slash, as in "/Users" (RFC 7644 §3.7)'
            )
        if address is None:
            raise errors.NoSuchEndpoint(
                f"{place}: path must be /Users, /Groups, or one of those in them"
            )
        if operation.method == "POST" and not operation.bulk_id:
            raise errors.BadOperation(f"{place}: a POST needs a bulkId")
        lost = operation.references & self.failed | (
            operation.references - self.ids.keys()
        )
        if lost:
            name = min(lost)[:80]
            raise errors.UnresolvedReference(
                f"{place}: nothing is bulkId:{name}; name the bulkId of a POST that succeeds"
            )

    def _result(
        self, operation: bulk.BulkOperation, response: HttpResponse
    ) -> Document:
        """Say what came of an operation."""
        is_refused = response.status_code >= HTTPStatus.BAD_REQUEST
        said = {
            "method": operation.method,
            "bulkId": operation.bulk_id,
            "version": response.headers.get("ETag"),
            "location": response.headers.get("Location") or self._place(operation),
            "status": str(response.status_code),
            "response": orjson.loads(response.content) if is_refused else None,
        }
        return {name: value for name, value in said.items() if value}

    def _place(self, operation: bulk.BulkOperation) -> str | None:
        """Return the address of what an operation is about, but of a creation (§3.7.3).

        None, too, where its path is that of no resource.
        """
        there = {name: self.ids[name] for name in self.ids.keys() - self.failed}
        path = str(bulk.resolved(operation.path, there))
        address = PATH.fullmatch(path)
        is_resource = address and address[2] and not bulk.REFERENCE.search(path)
        if not is_resource or operation.method not in METHODS - {"POST"}:
            return None
        return f"{settings.BASE_URL}{_root()}{quote(path)}"


def _root() -> str:
    return reverse("scim:root").rstrip("/")
