"""scim2-tester, a public conformance suite, against the whole product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server, filling, utils
from scim2_tester.checkers import patch_add, patch_replace

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.organizations.models import Organization
from chatwork_admin.wsgi import application


@pytest.fixture
def user_names_are_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chatwork's rule (CW-USER-4), which the suite cannot know."""
    generate = filling.generate_random_value

    def generated(context: Any, path: Any, *more: Any, **named: Any) -> Any:
        value = generate(context, path, *more, **named)
        is_user_name = isinstance(value, str) and str(path).lower() == "username"
        return f"{value}@example.jp" if is_user_name else value

    for module in (filling, patch_add, patch_replace):
        monkeypatch.setattr(module, "generate_random_value", generated)


@pytest.fixture
def what_is_read_only_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member's display is added by us (readOnly); the suite compares members whole."""
    equal = utils.fields_equality

    def equality(expected: Any, actual: Any) -> bool:
        return bool(equal(_without_display(expected), _without_display(actual)))

    for module in (patch_add, patch_replace):
        monkeypatch.setattr(module, "fields_equality", equality)


def _without_display(value: Any) -> Any:
    members = value if isinstance(value, list) else []
    if not all(type(each).__name__ == "Members" for each in members):
        return value
    return [each.model_copy(update={"display": None}) for each in members] or value


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's connection between requests, as Django's own client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.usefixtures(
    "user_names_are_addresses", "what_is_read_only_is_ours", "one_connection"
)
def test_the_public_suite_finds_nothing_wrong(enabled_acme: Organization) -> None:
    _, token = tokens.issue(enabled_acme, name="suite", expires_at=None, actor=SYSTEM)
    client = WSGISCIMClient(
        application,
        base_url="http://127.0.0.1/scim/v2",
        environ={"HTTP_AUTHORIZATION": f"Bearer {token}"},
    )

    results = check_server(client)

    wrong = [
        f"{each.title}: {each.reason}"
        for each in results
        if each.status not in {Status.SUCCESS, Status.SKIPPED}
    ]
    assert wrong == []
    assert sum(each.status is Status.SUCCESS for each in results) > 120
