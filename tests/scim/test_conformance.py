"""scim2-tester, a public conformance suite, against the whole product."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import CheckResult, Status, check_server, filling
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
def one_connection() -> Iterator[None]:
    """Keep the test's connection between requests, as Django's own client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def run(
    enabled_acme: Organization, one_connection: None
) -> Callable[[], list[CheckResult]]:
    """Run the suite, which brings its own client."""
    _, token = tokens.issue(enabled_acme, name="suite", expires_at=None, actor=SYSTEM)
    client = WSGISCIMClient(
        application,
        base_url="http://127.0.0.1/scim/v2",
        environ={"HTTP_AUTHORIZATION": f"Bearer {token}"},
    )
    return lambda: check_server(client)


def wrong(results: list[CheckResult]) -> list[CheckResult]:
    fine = {Status.SUCCESS, Status.SKIPPED}
    return [each for each in results if each.status not in fine]


def test_as_it_is_the_suite_meets_chatworks_rule_and_nothing_else(
    run: Callable[[], list[CheckResult]],
) -> None:
    results = run()

    assert len(wrong(results)) < len(results)
    for each in wrong(results):
        assert str(each.reason).startswith("CW-USER-4: userName must be an e-mail")


@pytest.mark.usefixtures("user_names_are_addresses")
def test_given_addresses_the_suite_finds_one_difference_and_that_is_its_own(
    run: Callable[[], list[CheckResult]],
) -> None:
    """It compares members whole, with `display`, which is readOnly and so ours to say.

    RFC 7643 §2.2 and §7, row H13. Once this fails the suite has mended it: expect then
    that it finds nothing.
    """
    results = run()

    titles = [each.title for each in wrong(results)]
    assert titles == ["check_add_attribute", "check_replace_attribute"]
    for each in wrong(results):
        said: Any = each.data
        expected, actual = said["expected"], said["actual"]
        assert said["urn"] == "members"
        assert [member.display for member in expected] == [None]
        assert all(member.display for member in actual)
        assert [m.model_copy(update={"display": None}) for m in actual] == expected
    assert sum(each.status is Status.SUCCESS for each in results) > 120
