"""The elements of a signature: one SignedInfo, one Reference, and no Object."""

from __future__ import annotations

from saml_sso.messages.shapes import any_number, element, one, optional, some, text
from saml_sso.messages.xml_names import DS, EC

X509_DATA = element(
    "",
    {
        f"{DS}X509Certificate": any_number(text()),
        f"{DS}X509SubjectName": any_number(text()),
        f"{DS}X509SKI": any_number(text()),
        f"{DS}X509IssuerSerial": any_number(
            element(
                "",
                {
                    f"{DS}X509IssuerName": one(text()),
                    f"{DS}X509SerialNumber": one(text()),
                },
            )
        ),
    },
)
_RSA_KEY = element("", {f"{DS}Modulus": one(text()), f"{DS}Exponent": one(text())})
# Nothing in it is believed: keys come from the organization's row.
_KEY_INFO = element(
    "Id",
    {
        f"{DS}KeyName": any_number(text()),
        f"{DS}KeyValue": any_number(element("", {f"{DS}RSAKeyValue": one(_RSA_KEY)})),
        f"{DS}X509Data": any_number(X509_DATA),
    },
)
_CANONICALIZATION = element(
    "Algorithm", {f"{EC}InclusiveNamespaces": optional(element("PrefixList"))}
)
_REFERENCE = element(
    "URI",
    {
        f"{DS}Transforms": one(
            element("", {f"{DS}Transform": some(_CANONICALIZATION)})
        ),
        f"{DS}DigestMethod": one(element("Algorithm")),
        f"{DS}DigestValue": one(text()),
    },
)
SIGNATURE = element(
    "Id",
    {
        f"{DS}SignedInfo": one(
            element(
                "Id",
                {
                    f"{DS}CanonicalizationMethod": one(_CANONICALIZATION),
                    f"{DS}SignatureMethod": one(element("Algorithm")),
                    f"{DS}Reference": one(_REFERENCE),
                },
            )
        ),
        f"{DS}SignatureValue": one(text("Id")),
        f"{DS}KeyInfo": optional(_KEY_INFO),
    },
)
