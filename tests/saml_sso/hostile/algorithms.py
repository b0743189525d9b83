"""Weak algorithms, and transforms that change what is signed into something else."""

from __future__ import annotations

from collections.abc import Iterator

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.xml_signatures import (
    DSIG,
    ENVELOPED,
    EXCLUSIVE_C14N,
    RSA_SHA256,
    SHA256,
    sign,
    signature_template,
)
from tests.saml_sso.hostile.missing_signatures import SIGNATURE
from tests.saml_sso.hostile.target import HostileMessage, Target, cut, edited, hostile

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
# The trusted key has really signed with these; python3-saml's flags alone take some.
SIGNED_WITH = {
    "RSA with SHA-1": {"algorithm": f"{DSIG}rsa-sha1"},
    "a digest of SHA-1": {"digest": f"{DSIG}sha1"},
    "inclusive canonicalisation": {"canonicalization": C14N},
}
METHODS = {
    "RSA with MD5": f"{MORE}rsa-md5",
    "an HMAC": f"{MORE}hmac-sha256",
    "DSA": f"{DSIG}dsa-sha1",
    "RSA-PSS": "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    "no algorithm": "",
    "an unknown algorithm": "none",
}
CANONICALIZATIONS = {
    "canonicalisation with comments": f"{EXCLUSIVE_C14N}WithComments",
    "Canonical XML 1.1": "http://www.w3.org/2006/12/xml-c14n11",
}
TRANSFORMS = {
    "the envelope only": (ENVELOPED,),
    "no envelope": (EXCLUSIVE_C14N,),
    "the wrong order": (EXCLUSIVE_C14N, ENVELOPED),
    "one too many": (ENVELOPED, EXCLUSIVE_C14N, EXCLUSIVE_C14N),
    "inclusive": (ENVELOPED, C14N),
    "with comments": (ENVELOPED, f"{EXCLUSIVE_C14N}WithComments"),
    "XPath": (ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116"),
    "XPath filter": (ENVELOPED, "http://www.w3.org/2002/06/xmldsig-filter2"),
    "XSLT": (ENVELOPED, "http://www.w3.org/TR/1999/REC-xslt-19991116"),
    "base64": (ENVELOPED, f"{DSIG}base64"),
}


def messages(target: Target) -> Iterator[HostileMessage]:
    for name, choice in SIGNED_WITH.items():
        signed = sign(_unsigned(target, **choice), target.provider.key)
        yield hostile(name, signed, Reason.ALGORITHM_NOT_ALLOWED)
    signed = target.answer().signed()
    for name, method in METHODS.items():
        changed = edited(signed, (f'"{RSA_SHA256}"', f'"{method}"'))
        yield hostile(name, changed, Reason.ALGORITHM_NOT_ALLOWED)
    yield from _canonicalizations(signed)
    for name, transforms in TRANSFORMS.items():
        unsigned = _unsigned(target, transforms=transforms)
        yield hostile(f"transforms: {name}", unsigned, Reason.TRANSFORM_NOT_ALLOWED)
    yield from _without_content(signed)


def _canonicalizations(signed: str) -> Iterator[HostileMessage]:
    for name, method in CANONICALIZATIONS.items():
        canonical = f'<CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"'
        changed = edited(
            signed, (canonical, f'<CanonicalizationMethod Algorithm="{method}"')
        )
        yield hostile(name, changed, Reason.ALGORITHM_NOT_ALLOWED)
    digest = edited(signed, (f'"{SHA256}"', '"http://www.w3.org/2001/04/xmlenc#md5"'))
    yield hostile("a digest of MD5", digest, Reason.ALGORITHM_NOT_ALLOWED)


def _without_content(signed: str) -> Iterator[HostileMessage]:
    none, _ = cut(signed, "<Transforms>", "</Transforms>")
    yield hostile("no Transforms", none, Reason.MISSING_ELEMENT)
    method = f'<SignatureMethod Algorithm="{RSA_SHA256}"/>'
    cut_short = (
        f'<SignatureMethod Algorithm="{RSA_SHA256}">'
        "<HMACOutputLength>1</HMACOutputLength></SignatureMethod>"
    )
    shortened = edited(signed, (method, cut_short))
    yield hostile("a shortened HMAC", shortened, Reason.UNEXPECTED_ELEMENT)
    xpath = edited(signed, ("<Transforms>", "<Transforms><XPath>true()</XPath>"))
    yield hostile("an XPath among transforms", xpath, Reason.UNEXPECTED_ELEMENT)


def _unsigned(target: Target, **choice: object) -> str:
    sent = target.answer()
    bare, _ = cut(str(sent), *SIGNATURE)
    certificate = target.provider.certificate
    template = signature_template(
        sent.assertion_id,
        certificate,
        **choice,  # type: ignore[arg-type]  # passed through
    )
    return edited(bare, ("</Issuer><Subject>", f"</Issuer>{template}<Subject>"))
