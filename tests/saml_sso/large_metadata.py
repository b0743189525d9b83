"""Documents as long as metadata may be, and whatever there may be much of in them."""

from __future__ import annotations

from collections.abc import Callable

from saml_sso.identity_providers.metadata_document import LARGEST_DOCUMENT
from tests.saml_sso import builders
from tests.saml_sso.builders import A_DAY, NOW, Entity, entities, key_descriptor

FULL = LARGEST_DOCUMENT - 10_000
EXPIRED = builders.bare(not_before=NOW - 2 * A_DAY, not_after=NOW - A_DAY)
# By what is many: a document that is hardly longer than so many bytes.
DOCUMENTS: dict[str, Callable[[int], object]] = {
    "levels": lambda size: "".join(f'<a{n} a="" ' for n in range(size // 13)),
    "attributes": lambda size: (
        "<a " + " ".join(f'a{n}=""' for n in range(size // 10)) + "/>"
    ),
    "namespaces": lambda size: (
        "<a " + " ".join(f'xmlns:a{n}="u:{n}"' for n in range(size // 22)) + "/>"
    ),
    "elements far down": lambda size: "<a>" * 250 + "<b/>" * (size // 8) + "</a>" * 250,
    "certificates": lambda size: Entity(keys=key_descriptor(EXPIRED) * (size // 1300)),
    "keys": lambda size: Entity(keys=key_descriptor("") * (size // 200)),
    "formats": lambda size: Entity(
        formats="".join(f"<NameIDFormat>{n}</NameIDFormat>" for n in range(size // 60))
    ),
    "entities": lambda size: entities(
        *[builders.service_provider_entity()] * (size // 400)
    ),
    "references": lambda size: "<a>" + "&#65;" * (size // 5) + "</a>",
    "comments": lambda size: "<!--" * (size // 4),
    "hyphens": lambda size: "<a" + "-" * size,
}
