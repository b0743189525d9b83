"""Filters that cannot be read (rows E11, I3): an error that says where and why."""

from __future__ import annotations

import pytest

from tests.scim.conftest import GROUPS, USERS, Provisioning


@pytest.mark.parametrize(
    "expression",
    [
        'bogus eq "x"',
        'bogus eq "x" and userName eq "yamada@example.jp"',
        'userName eq "yamada@example.jp" or bogus pr',
        'emails.bogus eq "x"',
        'emails[bogus eq "x"]',
        'name.bogus eq "x"',
        'name eq "x"',
        'name co "x"',
        'password eq "x"',
        'urn:custom:2.0:User:userName eq "x"',
        'userName eq "open',
        "userName",
        "userName eq",
        "userName is x",
        'userName eq "x" and',
        "((userName pr)",
        "active gt true",
        'addresses eq "x"',
        'addresses[x eq "y"]',
        'active eq "maybe"',
        "active co t",
        "x509Certificates.value gt AAAA",
        "x509Certificates le AAAA",
        "x509Certificates[value lt AAAA]",
        "title eq true",
        "meta.created co 2015",
        "meta.created gt 2015-10-10",
        "meta.created gt 2015-10-10T14:38",
        "meta.created gt 10:00:00Z",
        'meta.created gt "2015-10-10T14:38:21 09:00"',
        "meta.created gt 2015-10-10T14:38:21+99:00",
        'meta eq "x"',
        'meta.bogus eq "x"',
        "meta.version gt true",
        "id eq true",
        "schemas[bogus pr]",
        'id[value eq "x"]',
        "meta.created gt yesterday",
        'meta.created gt "2015-99-10T00:00:00Z"',
        r'userName eq "\u0000"',
        r'userName eq "\ud800"',
        'userName[type eq "x"]',
        'emails[type eq "x"].bogus eq "y"',
        " and ".join(["userName pr"] * 51),
        "not (" * 11 + "userName pr" + ")" * 11,
        "(" * 11 + "userName pr" + ")" * 11,
        f'userName eq "{"x" * 4096}"',
        "(" * 4000,
    ],
)
def test_a_filter_nobody_can_read_is_an_error_not_a_list(
    entra: Provisioning, expression: str
) -> None:
    """Row E11."""
    answer = entra.get(USERS, filter=expression)

    assert answer.refusal == (400, "invalidFilter", "CW-REQ-1")
    assert len(answer.body["detail"]) <= 200


def test_an_error_names_the_attribute(entra: Provisioning) -> None:
    answer = entra.get(USERS, filter='name.bogus eq "x"')

    assert answer.body["detail"].startswith(
        'CW-REQ-1: column 1: "name.bogus" cannot be filtered by; expected '
    )


@pytest.mark.parametrize(
    ("expression", "detail"),
    [
        ("password pr", '"password" cannot be filtered by; expected an attribute of'),
        ("name eq 3", '"name": expected one of name.formatted, name.familyName, na'),
        ("name.bogus pr", '"name.bogus" cannot be filtered by; expected'),
        ("emails[bogus pr]", '"bogus" cannot be filtered by; expected value or'),
        ('addresses eq "x"', '"addresses": expected one of addresses.formatted, add'),
        ("active eq 3", '"active": expected true or false'),
        ("active gt true", '"active": gt does not apply here; expected eq, ne or pr'),
        ("title eq true", '"title": expected a text, as in eq "x"'),
        (
            "meta.created gt x",
            '"meta.created": expected a date and time, as in gt "2026-',
        ),
        ("title pr and active gt true", 'column 14: "active": gt does not apply'),
        ("emails[type eq x and bogus pr]", 'column 22: "bogus" cannot be filtered by'),
        ('emails[type eq x].bogus eq "y"', 'column 19: "bogus" cannot be filtered'),
        ("title[value pr]", 'column 1: "title" has one value; expected no "["'),
        (
            "userName is x",
            'column 10: expected an operator such as "eq", "pr", "[". Ref',
        ),
        ("userName eq", 'column 12: expected a value, as in "x"'),
        ("userName eq x and", "column 18: expected an attribute, "),
        (
            "externalId eq x and title eq y z",
            'column 32: expected "and", "or", the end',
        ),
        ("((userName pr)", 'column 15: expected ")". Ref'),
        ('title eq "open', 'column 10: expected a value, as in "x"'),
        ("emails.x.y pr", "column 9: expected an operator"),
        ("title pr)", 'column 9: expected "and", "or", the end. Ref'),
        ('addresses eq "x"', "addresses.streetAddress, addresses.locality, addresses."),
        (
            "addresses[x pr]",
            '"x" cannot be filtered by; expected formatted or streetAdd',
        ),
        (" or ".join(["title pr"] * 51), "The limit is 50 terms in 10 levels of paren"),
    ],
)
def test_a_refusal_names_the_attribute_and_what_was_expected(
    entra: Provisioning, expression: str, detail: str
) -> None:
    answer = entra.get(USERS, filter=expression)

    assert answer.refusal == (400, "invalidFilter", "CW-REQ-1")
    assert detail in answer.body["detail"]


@pytest.mark.parametrize(
    ("said", "fault"),
    [(5, "must be a text"), ({}, "must be a text"), (" ", "is empty")],
)
def test_a_search_says_what_is_wrong_with_what_is_no_filter(
    entra: Provisioning, said: object, fault: str
) -> None:
    answer = entra.post(f"{USERS}/.search", {"filter": said})

    assert answer.refusal == (400, "invalidFilter", "CW-REQ-1")
    assert f': filter {fault}; expected as in id eq "x". Ref' in answer.body["detail"]


@pytest.mark.parametrize(
    ("path", "sort_by", "advice"),
    [
        (USERS, "bogus", '"bogus" is not there; expected one like userName.'),
        (GROUPS, "userName", '"userName" is not there; expected one like displayName.'),
        (
            USERS,
            "addresses",
            '"addresses": expected one of addresses.formatted, address',
        ),
        (USERS, "addresses", "es.streetAddress, "),
    ],
)
def test_what_nobody_can_be_sorted_by_is_answered_with_what_they_can(
    entra: Provisioning, path: str, sort_by: str, advice: str
) -> None:
    answer = entra.get(path, sortBy=sort_by)

    assert answer.refusal == (400, "invalidValue", "CW-REQ-2")
    assert advice in answer.body["detail"]
