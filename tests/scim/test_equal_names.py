"""Equal names in one object: RFC 8259 §4 lets readers choose, RFC 7493 §2.3 forbids them."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scim2_models import InvalidSyntaxException

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from scim import limits
from tests.scim.conftest import USERS, Provisioning

TEXTS = st.text(alphabet='a:\\"u03A山', max_size=8)
Members = list[tuple[str, Any]]


class Pairs(list[tuple[str, Any]]):
    """The members of an object, some of which may have one name."""


VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(st.tuples(TEXTS, inner), max_size=3).map(Pairs)
    ),
    max_leaves=12,
)


def written(value: object, colon: str) -> str:
    """Return a value as JSON, its texts with colons spelled so."""
    if isinstance(value, Pairs):
        members = (f"{written(n, colon)}: {written(v, colon)}" for n, v in value)
        return f"{{{', '.join(members)}}}"
    if isinstance(value, list):
        return f"[{', '.join(written(each, colon) for each in value)}]"
    text = json.dumps(value, ensure_ascii=False)
    return text.replace(":", colon) if isinstance(value, str) else text


def repeats(value: object) -> bool:
    if isinstance(value, Pairs):
        names = [name for name, _ in value]
        return len({*names}) < len(names) or any(repeats(v) for _, v in value)
    return isinstance(value, list) and any(map(repeats, value))


@given(VALUES, st.sampled_from([":", r"\u003a", r"\u003A"]))
def test_equal_names_are_refused_and_nothing_else(value: object, colon: str) -> None:
    body = written(value, colon).encode()

    if repeats(value):
        with pytest.raises(InvalidSyntaxException, match="twice in one object"):
            limits.parse(body)
    else:
        assert limits.parse(body) == orjson.loads(body)


def test_whoever_says_something_twice_is_told_and_nothing_is_written(
    entra: Provisioning,
) -> None:
    body = b'{"userName":"a@example.jp","active":false,"active":true}'

    answer = entra.send("POST", USERS, body)

    assert answer.refusal == (400, "invalidSyntax", "CW-REQ-2")
    assert '"active" is twice in one object; send it once' in answer.body["detail"]
    assert entra.found('userName eq "a@example.jp"') == []
    assert AuditEvent.objects.filter(action=Action.REQUEST_REFUSED).count() == 1
