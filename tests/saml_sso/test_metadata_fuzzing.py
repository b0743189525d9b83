from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from saml_sso.identity_providers.metadata import read_metadata
from saml_sso.identity_providers.metadata_document import LARGEST_DOCUMENT
from saml_sso.identity_providers.metadata_reasons import InvalidMetadata, MetadataReason
from tests.saml_sso import builders
from tests.saml_sso.builders import (
    A_DAY,
    NOW,
    Entity,
    document,
    entities,
    key_descriptor,
)
from tests.saml_sso.reading import refusal_of

EXPIRED = builders.bare(not_before=NOW - 2 * A_DAY, not_after=NOW - A_DAY)
REAL = builders.entra_metadata()
FULL = LARGEST_DOCUMENT - 10_000


@pytest.mark.parametrize(
    "content",
    [
        "".join(f'<a{n} a="" ' for n in range(FULL // 13)),
        "<a " + " ".join(f'a{n}=""' for n in range(FULL // 10)) + "/>",
        "<a " + " ".join(f'xmlns:a{n}="u:{n}"' for n in range(FULL // 22)) + "/>",
        "<a>" * 250 + "<b/>" * (FULL // 8) + "</a>" * 250,
        Entity(keys=key_descriptor(EXPIRED) * (FULL // 1300)),
        Entity(keys=key_descriptor("") * (FULL // 200)),
        Entity(
            formats="".join(f"<NameIDFormat>{n}</NameIDFormat>" for n in range(9000))
        ),
        entities(*[builders.service_provider_entity()] * (FULL // 400)),
        "<a>" + "&#65;" * (FULL // 5) + "</a>",
        "<!--" * (FULL // 4),
        "<a" + "-" * FULL,
    ],
    ids=range(11),
)
def test_no_document_of_the_allowed_size_takes_long(content: object) -> None:
    xml = document(content)
    assert len(xml) <= LARGEST_DOCUMENT
    started = time.process_time()

    with suppress(InvalidMetadata):
        read_metadata(xml, now=NOW)

    assert time.process_time() - started < 2


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
@settings(deadline=2000, suppress_health_check=[HealthCheck.too_slow])
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
