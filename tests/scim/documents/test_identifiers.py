"""What is an id as we issue it, and so may name somebody (row H9)."""

from __future__ import annotations

import uuid

from hypothesis import example, given
from hypothesis import strategies as st

from scim.documents import resources

IDS = st.uuids().flatmap(
    lambda each: st.sampled_from(
        [
            str(each),
            str(each).upper(),
            each.hex,
            each.urn,
            f"{{{each}}}",
            f" {each}",
            f"{each}\n",
            each,
        ]
    )
)


@given(said=IDS | st.text() | st.none() | st.integers() | st.lists(st.uuids()))
@example(said="０1a21792-3b6e-7ae4-b8d4-b29d0b4f3b11")
def test_an_id_is_what_a_uuid_is_written_as(said: object) -> None:
    try:
        read = uuid.UUID(str(said))
    except ValueError:
        expected = None
    else:
        expected = read if str(read) == str(said) else None

    assert resources.identifier(said) == expected
    assert resources.no_ids([{"value": said}]) == (expected is None)
