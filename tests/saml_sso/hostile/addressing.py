"""Signed by the trusted key, and meant for somebody else, or for nobody in particular."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.xml_signatures import sign
from tests.saml_sso.hostile.target import HostileMessage, Target, cut, edited, hostile

NOT_QUITE: dict[str, Callable[[str], str]] = {
    "longer": lambda url: f"{url}-evil",
    "shorter": lambda url: url[:-1],
    "with a slash": lambda url: f"{url}/",
    "with a query": lambda url: f"{url}?x=1",
    "with a blank": lambda url: f" {url}",
    "in capitals": lambda url: url.replace("https://", "HTTPS://"),
    "without TLS": lambda url: url.replace("https://", "http://"),
    "inside of another": lambda url: f"https://evil.example/?u={url}",
    "with a name and password": lambda url: url.replace("://", "://a:b@"),
    "another organization's": lambda url: url.replace("/saml/", "/saml/x", 1),
    "empty": lambda _: "",
}


def messages(target: Target) -> Iterator[HostileMessage]:
    yield from _audiences(target)
    yield from _destinations(target)
    yield from _recipients(target)
    yield from _issuers(target)


def _audiences(target: Target) -> Iterator[HostileMessage]:
    for name, change in NOT_QUITE.items():
        sent = target.answer(audience=change(target.entity_id))
        yield hostile(f"audience {name}", sent.signed(), Reason.WRONG_AUDIENCE)
    restriction = ("<AudienceRestriction>", "</AudienceRestriction>")
    unsigned = str(target.answer())
    none, ours = cut(unsigned, *restriction)
    yield _signed(target, "no audience", none, Reason.WRONG_AUDIENCE)
    theirs = ours.replace(target.entity_id, "https://other.example/")
    for name, both in {"two audiences": ours + theirs, "twice ours": ours * 2}.items():
        yield _signed(
            target, name, edited(unsigned, (ours, both)), Reason.WRONG_AUDIENCE
        )
    empty = edited(unsigned, (ours, "<AudienceRestriction/>"))
    yield _signed(target, "an empty restriction", empty, Reason.MISSING_ELEMENT)


def _destinations(target: Target) -> Iterator[HostileMessage]:
    right, wrong = f'Destination="{target.acs_url}"', Reason.WRONG_DESTINATION
    for name, change in NOT_QUITE.items():
        moved = edited(
            str(target.answer()), (right, f'Destination="{change(target.acs_url)}"')
        )
        yield _signed(target, f"destination {name}", moved, wrong)
    for option in ("assertion", "response", "both"):
        none = edited(str(target.answer(signing_option=option)), (right, ""))
        yield _signed(target, f"no destination ({option})", none, wrong)


def _recipients(target: Target) -> Iterator[HostileMessage]:
    right, wrong = f'Recipient="{target.acs_url}"', Reason.WRONG_RECIPIENT
    unsigned = str(target.answer())
    for name, change in NOT_QUITE.items():
        moved = edited(unsigned, (right, f'Recipient="{change(target.acs_url)}"'))
        yield _signed(target, f"recipient {name}", moved, wrong)
    yield _signed(target, "no recipient", edited(unsigned, (right, "")), wrong)


def _issuers(target: Target) -> Iterator[HostileMessage]:
    issuer = target.provider.entity_id
    others = {
        "another's": target.neighbour.entity_id,
        "without its slash": issuer[:-1],
        "with a blank": f"{issuer} ",
        "Entra's placeholder": "https://sts.windows.net/{tenant}/",
        "the login address": f"https://login.microsoftonline.com/{target.provider.tenant_id}/",
    }
    for name, other in others.items():
        sent = target.answer(issuer=other)
        yield hostile(f"issuer {name}", sent.signed(), Reason.WRONG_ISSUER)
    unsigned, ours = str(target.answer()), f">{issuer}</Issuer>"
    response_only = edited(unsigned, (ours, f">{target.neighbour.entity_id}</Issuer>"))
    yield _signed(target, "another response issuer", response_only, Reason.WRONG_ISSUER)
    empty = edited(unsigned, (ours, "></Issuer>"))
    yield _signed(target, "an empty response issuer", empty, Reason.WRONG_ISSUER)
    formatted = edited(unsigned, ("<Issuer ", '<Issuer Format="urn:x" '))
    yield _signed(target, "an issuer of another format", formatted, Reason.WRONG_ISSUER)
    start = "<Issuer>"
    none = edited(unsigned, (f"{start}{issuer}</Issuer>", ""))
    yield _signed(target, "no issuer", none, Reason.MISSING_ELEMENT)


def _signed(target: Target, name: str, xml: str, reason: Reason) -> HostileMessage:
    return hostile(name, sign(xml, target.provider.key), reason)
