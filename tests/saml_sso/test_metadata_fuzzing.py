from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from saml_sso.identity_providers.metadata import read_metadata
from saml_sso.identity_providers.metadata_document import LARGEST_DOCUMENT
from saml_sso.identity_providers.metadata_reasons import InvalidMetadata, MetadataReason
from tests.effort import steps
from tests.saml_sso import builders
from tests.saml_sso.builders import NOW, document
from tests.saml_sso.large_metadata import DOCUMENTS, FULL
from tests.saml_sso.reading import refusal_of

REAL = builders.entra_metadata()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_twice_as_long_costs_no_more_than_twice_as_much(name: str) -> None:
    """How long they take is measured by `python -m tests.saml_sso.metadata_timings`."""

    half, whole = (document(DOCUMENTS[name](size)) for size in (FULL // 2, FULL))
    assert len(whole) <= LARGEST_DOCUMENT
    read_or_refused(half)  # what is prepared once is not counted

    cost = steps(lambda: read_or_refused(whole))

    assert cost < 2.2 * steps(lambda: read_or_refused(half))


def read_or_refused(xml: bytes) -> None:
    with suppress(InvalidMetadata):
        read_metadata(xml, now=NOW)


# What nobody thought of


@given(st.binary(max_size=2000))
@example(b"\xff\xfe<\0?\0x\0m\0l\0")
@example(b"\xfe\xff\0<")
@example(b"<\0?\0x\0m\0l\0")
@example(b"\x4c\x6f\xa7\x94")
@example(b"<?xml version='1.0' encoding='x'?><a/>")
def test_any_bytes_are_refused_and_nothing_else_happens(xml: bytes) -> None:
    with pytest.raises(InvalidMetadata):
        read_metadata(xml, now=NOW)


# As in test_certificates: a damaged serial number may become zero.
SERIAL_NUMBER = "ignore:Parsed a serial number:UserWarning"

TOKENS = [
    b"",
    b"\0",
    b"<",
    b">",
    b'"',
    b"&",
    b"&#0;",
    b"&lt;",
    b"]]>",
    b"<!--",
    b"-->",
    b"<?x?>",
    b"<x/>",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"xmlns=''",
    b"xmlns:md='u'",
    b"use='encryption'",
    b"validUntil='x'",
    b"entityID='x'",
    b"<!DOCTYPE x>",
    b"<![CDATA[",
    b"http://",
    b"javascript:",
    "アクメ".encode(),
]


@pytest.mark.filterwarnings(SERIAL_NUMBER)
@given(st.data())
def test_damaged_metadata_is_read_or_refused_and_nothing_else_happens(
    data: st.DataObject,
) -> None:
    xml = REAL
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(xml)))
        length = data.draw(st.integers(0, 40))
        piece = data.draw(st.sampled_from(TOKENS) | st.binary(max_size=4))
        xml = xml[:start] + piece + xml[start + length :]

    try:
        metadata = read_metadata(xml, now=NOW)
    except InvalidMetadata:
        return

    assert metadata.single_sign_on_url.startswith("https://")
    assert 1 <= len(metadata.certificates) <= 4
    assert "{" not in metadata.entity_id


@pytest.mark.parametrize("keep", range(0, len(REAL), 97))
def test_metadata_cut_short_is_refused(keep: int) -> None:
    assert refusal_of(REAL[:keep]).reason is MetadataReason.UNREADABLE_DOCUMENT
