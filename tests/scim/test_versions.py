"""Entity tags and preconditions (RFC 7644 §3.14, RFC 9110 §13; rows G15, K4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from scim.documents import preconditions
from tests.scim.conftest import GROUPS, USERS, Answer, Document, Provisioning

TITLE: Document = {"op": "replace", "path": "title", "value": "T"}
ONE, TWO = 'W/"1"', 'W/"2"'


def conditional(
    entra: Provisioning, method: str, path: str, body: object, **headers: str
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return entra.send(method, path, body, headers=named)


def patch_of(*operations: object) -> Document:
    return {"Operations": list(operations)}


def test_every_answer_with_one_resource_names_its_version(entra: Provisioning) -> None:
    created = entra.post(USERS, {"userName": "a@example.jp"})
    one = f"{USERS}/{created.id}"
    answers = [
        created,
        entra.get(one),
        entra.patch(one, TITLE),
        entra.put(one, {"userName": "a@example.jp"}),
    ]

    versions = [ONE, ONE, TWO, 'W/"3"']
    assert [each.headers["ETag"] for each in answers] == versions
    assert [each.body["meta"]["version"] for each in answers] == versions
    listed = entra.get(USERS, filter='userName eq "a@example.jp"').resources
    assert listed[0]["meta"]["version"] == 'W/"3"'


def test_a_group_has_versions_too(entra: Provisioning) -> None:
    group = f"{GROUPS}/{entra.create_group()}"

    patched = entra.patch(group, {"op": "replace", "path": "displayName", "value": "B"})

    assert (patched.status, patched.headers["ETag"]) == (204, TWO)
    assert entra.get(group).headers["ETag"] == TWO


def test_what_changes_nothing_keeps_version_and_date(entra: Provisioning) -> None:
    user, group = entra.create(title="T"), entra.create_group()
    for path, nothing in (
        (f"{USERS}/{user}", TITLE),
        (f"{GROUPS}/{group}", {"op": "add", "path": "members", "value": []}),
    ):
        before = entra.get(path)
        assert entra.patch(path, nothing).headers["ETag"] == ONE
        assert entra.get(path).body == before.body


def test_what_is_shown_of_others_is_in_the_tag_and_not_in_the_version(
    entra: Provisioning,
) -> None:
    """Row G15: a write depends on the resource's own version, a 304 on all it shows."""
    user = entra.create()
    group = entra.create_group()
    joining = {"op": "add", "path": "members", "value": [{"value": user}]}

    entra.patch(f"{GROUPS}/{group}", joining)

    of_user = entra.get(f"{USERS}/{user}").headers["ETag"]
    assert of_user.startswith('W/"1-')
    one, body = f"{USERS}/{user}", b""
    assert conditional(entra, "GET", one, body, if_none_match=ONE).status == 200
    assert conditional(entra, "GET", one, body, if_none_match=of_user).status == 304
    entra.patch(
        f"{GROUPS}/{group}", {"op": "replace", "path": "displayName", "value": "B"}
    )
    assert conditional(entra, "GET", one, body, if_none_match=of_user).status == 200
    assert conditional(entra, "DELETE", one, body, if_match=of_user).status == 204


@pytest.mark.parametrize("unwanted", ["*", ONE, f'W/"7", {ONE}'])
def test_a_write_may_ask_that_a_version_is_not_there(
    entra: Provisioning, unwanted: str
) -> None:
    for method, path, body in requests(entra):
        answer = conditional(entra, method, path, body, if_none_match=unwanted)
        assert answer.refusal == (412, None, "CW-REQ-3")


@pytest.mark.parametrize("known", [ONE, '"1"', f'W/"9" , {ONE}', "*", " * "])
def test_a_known_version_is_not_sent_again(entra: Provisioning, known: str) -> None:
    for path in (f"{USERS}/{entra.create()}", f"{GROUPS}/{entra.create_group()}"):
        answer = conditional(entra, "GET", path, b"", if_none_match=known)

        assert (answer.status, answer.content) == (304, b"")
        assert answer.headers["ETag"] == ONE
        assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("known", ['W/"2"', "1", "", '""', 'W/"01"', 'W/"x"'])
def test_an_unknown_version_is_sent(entra: Provisioning, known: str) -> None:
    path = f"{USERS}/{entra.create()}"

    assert conditional(entra, "GET", path, b"", if_none_match=known).status == 200


def known_addresses(entra: Provisioning) -> list[str]:
    user, group = entra.create(), entra.create_group()
    return [f"{USERS}/{user}", f"{USERS}/{user}?attributes=title", f"{GROUPS}/{group}"]


@pytest.mark.parametrize("expected", ['W/"2"', '"x"', 'W/"1-0"', "1", ""])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_read_that_expects_another_version_shows_nothing(
    entra: Provisioning, method: str, expected: str
) -> None:
    for path in known_addresses(entra):
        answer = conditional(
            entra, method, path, b"", if_match=expected, if_none_match=ONE
        )

        assert answer.status == 412
        assert method == "HEAD" or answer.refusal == (412, None, "CW-REQ-3")
        assert "ETag" not in answer.headers


@pytest.mark.parametrize("expected", [ONE, '"1"', f'W/"9", {ONE}', "*"])
def test_a_read_that_expects_the_present_version_is_answered(
    entra: Provisioning, expected: str
) -> None:
    for path in known_addresses(entra):
        answer = conditional(entra, "GET", path, b"", if_match=expected)
        assert (answer.status, answer.headers["ETag"]) == (200, ONE)
        both = {"if_match": expected, "if_none_match": ONE}
        assert conditional(entra, "GET", path, b"", **both).status == 304


def test_what_has_no_version_meets_only_a_star(entra: Provisioning) -> None:
    for path in (USERS, GROUPS, "/scim/v2/", "/scim/v2/Schemas"):
        assert conditional(entra, "GET", path, b"", if_match=ONE).status == 412
        assert conditional(entra, "GET", path, b"", if_match="*").status == 200
        assert conditional(entra, "GET", path, b"", if_none_match="*").status == 200


def requests(entra: Provisioning) -> list[tuple[str, str, Document | bytes]]:
    user, group = f"{USERS}/{entra.create()}", f"{GROUPS}/{entra.create_group()}"
    rename: Document = {"op": "replace", "path": "displayName", "value": "B"}
    return [
        ("PATCH", user, patch_of(TITLE)),
        ("PUT", user, {"userName": "b@example.jp"}),
        ("DELETE", user, b""),
        ("PATCH", group, patch_of(rename)),
        ("PUT", group, {"displayName": "C"}),
        ("DELETE", group, b""),
    ]


@pytest.mark.parametrize("expected", ['W/"9"', "1", "", 'W/"2", W/"3"', '"x"'])
def test_a_write_that_expects_another_version_writes_nothing(
    entra: Provisioning, expected: str
) -> None:
    asked = requests(entra)
    events = AuditEvent.objects.exclude(action=Action.REQUEST_REFUSED)
    before = events.count()

    for method, path, body in asked:
        answer = conditional(entra, method, path, body, if_match=expected)

        assert answer.refusal == (412, None, "CW-REQ-3")
        assert entra.get(path).headers["ETag"] == ONE
    assert events.count() == before


@pytest.mark.parametrize("any_of", [False, True])
def test_a_write_that_expects_the_present_version_is_done(
    entra: Provisioning, *, any_of: bool
) -> None:
    version = {USERS: 1, GROUPS: 1}
    for method, path, body in requests(entra):
        collection = USERS if path.startswith(USERS) else GROUPS
        tag = preconditions.tag(version[collection])
        expected = f'W/"77",{tag}' if any_of else tag

        assert conditional(entra, method, path, body, if_match=expected).status < 300
        version[collection] += 1


def test_any_version_will_do_for_a_star(entra: Provisioning) -> None:
    for method, path, body in requests(entra):
        assert conditional(entra, method, path, body, if_match="*").status < 300


def test_who_is_not_there_is_not_found_whatever_is_expected(
    entra: Provisioning,
) -> None:
    """RFC 9110 §13.2.1: what would be refused anyway is."""
    gone = f"{USERS}/00000000-0000-0000-0000-000000000000"

    for expected in (ONE, "*"):
        for method in ("GET", "DELETE"):
            answer = conditional(entra, method, gone, b"", if_match=expected)
            assert answer.status == 404


@given(header=st.text() | st.from_regex(r'(W/)?"[0-9]{0,5000}"'))
def test_no_header_is_too_strange(header: str) -> None:
    is_welcome = preconditions.expected(header, header)

    assert is_welcome is not None
    assert not is_welcome(1)
    known = preconditions.is_known(header, 'W/"0"')
    assert known in {header.strip() == "*", '"0"' in header}
