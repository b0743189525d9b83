"""What a browser brings from a client that wants to be let in (RFC 6749 §4.1.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import urlencode

from django.conf import settings
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import FatalClientError, OAuth2Error
from oauthlib.oauth2.rfc6749 import errors

from chatwork_admin.authorization import registrations
from chatwork_admin.authorization.grants import Asked
from chatwork_admin.authorization.provider import SERVER
from chatwork_admin.authorization.registrations import Registration
from chatwork_admin.organizations.models import Organization

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256, RFC 7636 §4.2
Parameters = Sequence[tuple[str, str]]


class Fault(StrEnum):
    """What is wrong, so that nobody can be sent back."""

    CLIENT = "client"
    REDIRECT = "redirect"
    REQUEST = "request"


class Unanswerable(Exception):
    """Nobody knows who asks, or where the answer may go: it is not sent anywhere."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class Refused(Exception):
    """The client asks for what there is not; `answer` is where to tell it."""

    def __init__(self, answer: str) -> None:
        super().__init__("refused")
        self.answer = answer


def read(parameters: Parameters, organization: Organization) -> Asked:
    """Return what is asked of this organization. Raises Unanswerable, Refused.

    What has no value counts as left out (RFC 6749 §3.1).
    """
    parameters = [(name, value) for name, value in parameters if value]
    said = dict(parameters)
    client = _client(said.get("client_id", ""), organization)
    if client.may_omit_response_type and "response_type" not in said:
        parameters = [*parameters, ("response_type", "code")]
    try:
        SERVER.validate_authorization_request(f"/?{urlencode(parameters)}")
    except FatalClientError as error:
        raise Unanswerable(_fault(error)) from error
    except OAuth2Error as error:
        asked = _asked(said, client)
        raise Refused(answer_to(asked, error=error.error)) from error
    asked = _asked(said, client)
    has_proof = "code_challenge_method" in said or asked.code_challenge
    if has_proof and not CHALLENGE.fullmatch(asked.code_challenge):
        raise Refused(answer_to(asked, error="invalid_request"))
    return asked


def answer_to(asked: Asked, **result: str) -> str:
    """Return where the browser brings the answer, with `code` or `error` (RFC 6749 §4.1.2).

    It names who answers, so that a client of several servers mixes up none (RFC 9207).
    """
    said = {} if asked.state is None else {"state": asked.state}
    parameters = result | said | {"iss": settings.BASE_URL}
    return str(add_params_to_uri(asked.redirect_uri, list(parameters.items())))


def _client(client_id: str, organization: Organization) -> Registration:
    client = registrations.find(client_id)
    if client is None:
        raise Unanswerable(Fault.CLIENT)
    if client.row is not None and client.row.organization != organization:
        raise Unanswerable(Fault.CLIENT)
    return client


def _asked(said: dict[str, str], client: Registration) -> Asked:
    challenge = said.get("code_challenge", "")
    return Asked(client, said["redirect_uri"], said.get("state"), challenge)


def _fault(error: FatalClientError) -> Fault:
    is_twice = type(error) is errors.InvalidRequestFatalError  # a parameter, that is
    return Fault.REQUEST if is_twice else Fault.REDIRECT
