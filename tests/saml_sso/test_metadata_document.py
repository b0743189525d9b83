from __future__ import annotations

import pytest

from saml_sso.identity_providers.metadata import read_metadata
from saml_sso.identity_providers.metadata_document import (
    LARGEST_DOCUMENT,
    DocumentReason,
)
from saml_sso.identity_providers.metadata_reasons import MetadataReason
from tests.saml_sso import builders
from tests.saml_sso.builders import ENTITY_ID, NOW, Entity, document, key_descriptor
from tests.saml_sso.reading import certificates_of, read, refusal, refusal_of

SIGNING = builders.bare()


# Encodings, comments


def test_utf_16_with_a_byte_order_mark_may_be_read_if_it_says_so() -> None:
    xml = f'<?xml version="1.0" encoding="UTF-16"?>{Entity()}'

    assert read_metadata(xml.encode("utf-16"), now=NOW).entity_id == ENTITY_ID


@pytest.mark.parametrize(
    "xml",
    [
        str(Entity()).encode("utf-16"),
        f'<?xml version="1.0" encoding="utf-8"?>{Entity()}'.encode("utf-16"),
        f'<?xml version="1.0" encoding="utf-16"?>{Entity()}'.encode(),
        f'<?xml version="1.0" encoding="utf-7"?>{Entity()}'.encode(),
        f"<?xml version='1.0' encoding = 'Shift_JIS' ?>{Entity()}".encode(),
        f'<?xml version="1.0" encoding="iso-8859-1"?>{Entity()}'.encode(),
        f'<?xml version="1.0" encoding="UTF-32"?>{Entity()}'.encode("utf-32"),
        f"<!-- アクメ -->{Entity()}".encode("shift_jis"),
        b"\xff\xfe\x00\xd8",
        b"\xff",
    ],
    ids=range(10),
)
def test_an_encoding_that_is_not_what_it_says_is_refused(xml: bytes) -> None:
    assert refusal_of(xml).detail is DocumentReason.UNSUPPORTED_ENCODING


@pytest.mark.parametrize(
    "declaration",
    ["", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='US-ASCII'?>", "\n "],
)
def test_a_declaration_may_be_left_out_or_say_ascii(declaration: str) -> None:
    xml = f"{declaration}{Entity()}\n".encode()

    assert read_metadata(xml, now=NOW).entity_id == ENTITY_ID


@pytest.mark.parametrize("cut", ["<!-- x -->", "<?x y?>", "<![CDATA[]]>"])
def test_a_comment_or_instruction_cuts_no_text_in_two(cut: str) -> None:
    half = len(SIGNING) // 2
    entity = Entity(
        keys=key_descriptor(f"{cut}{SIGNING[:half]}{cut}{SIGNING[half:]}{cut}"),
        formats=f"<NameIDFormat>urn:a{cut}:b</NameIDFormat>",
    )

    metadata = read(f"{cut if cut[2] != '[' else ''}{entity}")

    assert metadata.certificates == certificates_of(SIGNING)
    assert metadata.name_id_formats == ("urn:a:b",)


# Documents that mean harm

BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "document_type",
    [
        "<!DOCTYPE EntityDescriptor>",
        f'<!DOCTYPE x [<!ENTITY l0 "lol">{BOMB}]>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
        '<!DOCTYPE x [<!ATTLIST EntityDescriptor entityID CDATA "urn:x">]>',
    ],
    ids=["plain", "bomb", "file", "external", "parameter", "default-attribute"],
)
def test_a_document_type_is_refused_before_anything_in_it_is_read(
    document_type: str,
) -> None:
    entity = Entity(entity_id="&l11;&f;")

    for xml in (
        document(f"{document_type}{entity}"),
        b"\xef\xbb\xbf" + document(f"<!-- -->{document_type}{entity}"),
        f'<?xml version="1.0" encoding="utf-16"?>{document_type}{entity}'.encode(
            "utf-16"
        ),
    ):
        assert refusal_of(xml).detail is DocumentReason.DOCUMENT_TYPE


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"\xef\xbb\xbf",
        b"   ",
        b"not xml",
        b"\0",
        document(Entity()) + b"\0",
        document(Entity()).replace(b"entityID", b"entity\0ID"),
        document(Entity()).replace(b"<KeyInfo", b"<KeyInfo a='&#0;'"),
        document(Entity())[:-1],
        document(Entity()) + document(Entity()),
        document(Entity(entity_id="&undeclared;")),
        document("<!doctype html><html></html>"),
        document("<a>" * 300 + "</a>" * 300),
        document(Entity(before_role="<Extensions>" * 300)),
        document(Entity(attributes='entityID="urn:second"')),
    ],
    ids=range(15),
)
def test_bytes_that_are_no_well_formed_xml_are_refused(xml: bytes) -> None:
    invalid = refusal_of(xml)

    assert invalid.reason is MetadataReason.UNREADABLE_DOCUMENT
    assert invalid.detail is DocumentReason.NOT_XML


def test_an_inclusion_is_not_followed() -> None:
    inclusion = (
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude"'
        ' href="file:///etc/hostname" parse="text"/>'
    )

    invalid = refusal(Entity(formats=f"<NameIDFormat>{inclusion}</NameIDFormat>"))

    assert invalid.reason is MetadataReason.AMBIGUOUS_CONTENT


def test_a_document_too_large_is_refused_before_it_is_decoded() -> None:
    largest = document(Entity()).ljust(LARGEST_DOCUMENT)

    assert read_metadata(largest, now=NOW).entity_id == ENTITY_ID
    assert refusal_of(largest + b" ").detail is DocumentReason.TOO_LARGE


def test_an_error_says_nothing_of_the_document() -> None:
    invalid = refusal(Entity(entity_id="secret words"))

    assert str(invalid) == "invalid-entity-id: not-a-uri"
    assert invalid.__cause__ is None
