"""The stand-in's web site: a WSGI application for one tenant."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from tests.entra_id.directory import User
from tests.entra_id.federation_metadata import federation_metadata
from tests.entra_id.saml_failures import NOT_PASSIVE
from tests.entra_id.sign_on import pages
from tests.entra_id.sign_on.applications import EnterpriseApplication
from tests.entra_id.sign_on.requests import (
    SignInRequest,
    SignOnRefused,
    application_of,
    read_sign_in_request,
    received_from,
)
from tests.entra_id.sign_on.tenant import Posted, Tenant
from tests.entra_id.workload_identity import key_set

COOKIE = "entra_session"
KEYS = "discovery/v2.0/keys"
METADATA = "federationmetadata/2007-06/federationmetadata.xml"


@dataclass
class Session:
    """Somebody is signed in at the tenant, and through it at applications."""

    user: User
    authn_instant: datetime
    at: list[tuple[EnterpriseApplication, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What goes back to the browser; `location` alone makes it a redirect."""

    body: bytes = b""
    status: HTTPStatus = HTTPStatus.OK
    location: str = ""
    session_id: str | None = None
    content_type: str = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """What came from the browser."""

    path: str
    query: str
    form: dict[str, str]
    session_id: str
    is_post: bool


class Site:
    """Answers under `/<tenant id>/`; sessions last as long as the process."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.sessions: dict[str, Session] = {}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        answer = self._answer(_asked(environ))
        headers = [("Content-Type", answer.content_type), ("Cache-Control", "no-store")]
        if answer.location:
            headers.append(("Location", answer.location))
        if answer.session_id is not None:
            age = "" if answer.session_id else "; Max-Age=0"
            cookie = f"{COOKIE}={answer.session_id}; Path=/; HttpOnly{age}"
            headers.append(("Set-Cookie", cookie))
        start_response(f"{answer.status.value} {answer.status.phrase}", headers)
        return [answer.body]

    def _answer(self, asked: Asked) -> Answer:
        routes = {
            "saml2": self._saml,
            METADATA: self._metadata,
            KEYS: self._keys,
            "start": self._start,
            "sign-out": self._sign_out,
            "": self._my_apps,
        }
        prefix = f"/{self.tenant.provider.tenant_id}/"
        route = routes.get(asked.path.removeprefix(prefix))
        if route is None or not asked.path.startswith(prefix):
            return _page("Not found", HTTPStatus.NOT_FOUND)
        try:
            return route(asked)
        except SignOnRefused as refused:
            page = pages.error_page(refused.failure)
            return _page(page, HTTPStatus.BAD_REQUEST)

    def _saml(self, asked: Asked) -> Answer:
        """Sign-ins and sign-outs come to one address."""
        received = received_from(asked.query)
        if received.root.tag.endswith("}LogoutRequest"):
            return self._application_signs_out(asked)
        if received.root.tag.endswith("}LogoutResponse"):
            return self._next_sign_out(asked)
        request = read_sign_in_request(asked.query, self.tenant.applications)
        return self._sign_in(request, asked)

    def _sign_in(self, request: SignInRequest, asked: Asked) -> Answer:
        session = self.sessions.get(asked.session_id)
        if asked.is_post and asked.form.get("user"):
            user = self.tenant.directory.user_named(asked.form["user"])
            return self._begin(request, user)
        if session is not None and not request.force_authn:
            return self._bring(request, session)
        if request.is_passive:
            return _bring(self.tenant.refuse(request, NOT_PASSIVE))
        users = self.tenant.directory.users.values()
        return _page(pages.sign_in_page(users, request.login_hint, asked.query))

    def _begin(self, request: SignInRequest, user: User) -> Answer:
        session_id = secrets.token_urlsafe(16)
        self.sessions[session_id] = Session(user, datetime.now(UTC))
        answer = self._bring(request, self.sessions[session_id])
        return replace(answer, session_id=session_id)

    def _bring(self, request: SignInRequest, session: Session) -> Answer:
        ahead = request.application.clock_ahead
        posted = self.tenant.answer(
            request, session.user, authn_instant=session.authn_instant + ahead
        )
        if posted.session_index:
            session.at.append((request.application, posted.session_index))
        return _bring(posted)

    def _start(self, asked: Asked) -> Answer:
        session = self.sessions.get(asked.session_id)
        [entity_id] = parse_qs(asked.query)["application"]
        if session is None:
            return _page("Sign in first", HTTPStatus.FORBIDDEN)
        return _bring(self.tenant.unsolicited(entity_id, session.user))

    def _application_signs_out(self, asked: Asked) -> Answer:
        received = received_from(asked.query)
        application = application_of(received, self.tenant.applications)
        self.sessions.pop(asked.session_id, None)
        query = self.tenant.logout_answer(
            application, received.root.get("ID"), received.relay_state
        )
        return _redirect(f"{application.logout_url}?{query}", session_id="")

    def _sign_out(self, asked: Asked) -> Answer:
        return self._next_sign_out(asked)

    def _next_sign_out(self, asked: Asked) -> Answer:
        """Send the browser from one application to the next, until none is left."""
        session = self.sessions.get(asked.session_id)
        while session is not None and session.at:
            application, index = session.at.pop()
            if application.logout_url:
                query = self.tenant.logout_query(application, session.user, [index])
                return _redirect(f"{application.logout_url}?{query}")
        self.sessions.pop(asked.session_id, None)
        return replace(_page(pages.signed_out_page()), session_id="")

    def _my_apps(self, asked: Asked) -> Answer:
        session = self.sessions.get(asked.session_id)
        user = session.user if session else None
        return _page(pages.my_apps_page(user, self.tenant.applications.values()))

    def _metadata(self, _: Asked) -> Answer:
        document = federation_metadata(self.tenant.provider)
        return Answer(document, content_type="application/samlmetadata+xml")

    def _keys(self, _: Asked) -> Answer:
        document = key_set(self.tenant.provider)
        return Answer(document, content_type="application/json")


def _asked(environ: dict[str, Any]) -> Asked:
    length = min(int(environ.get("CONTENT_LENGTH") or 0), 64 * 1024)
    form = parse_qs(environ["wsgi.input"].read(length).decode()) if length else {}
    cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
    return Asked(
        path=environ["PATH_INFO"],
        query=environ.get("QUERY_STRING", ""),
        form={name: values[0] for name, values in form.items()},
        session_id=cookie.value if cookie else "",
        is_post=environ["REQUEST_METHOD"] == "POST",
    )


def _page(text: str, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    return Answer(text.encode(), status)


def _bring(posted: Posted) -> Answer:
    return _page(pages.answer_page(posted))


def _redirect(location: str, session_id: str | None = None) -> Answer:
    return Answer(status=HTTPStatus.FOUND, location=location, session_id=session_id)
