"""The elements of an encrypted assertion, with its key inside or beside the data."""

from __future__ import annotations

from saml_sso.messages.shapes import any_number, element, one, optional, some, text
from saml_sso.messages.signature_shapes import X509_DATA
from saml_sso.messages.xml_names import DS, WSSE, XENC, XENC_11

_CIPHER_DATA = element("", {f"{XENC}CipherValue": one(text())})
_ENCRYPTED_KEY_INFO = element(
    "Id",
    {
        f"{DS}KeyName": any_number(text()),
        f"{DS}X509Data": any_number(X509_DATA),
        # Windows names the certificate in a WS-Security reference.
        f"{WSSE}SecurityTokenReference": any_number(
            element(
                "",
                {
                    f"{DS}X509Data": any_number(X509_DATA),
                    f"{WSSE}KeyIdentifier": any_number(text("EncodingType ValueType")),
                },
            )
        ),
    },
)
_ENCRYPTED_KEY = element(
    "Id Recipient",
    {
        f"{XENC}EncryptionMethod": one(
            element(
                "Algorithm",
                {
                    f"{DS}DigestMethod": optional(element("Algorithm")),
                    f"{XENC_11}MGF": optional(element("Algorithm")),
                },
            )
        ),
        f"{DS}KeyInfo": optional(_ENCRYPTED_KEY_INFO),
        f"{XENC}CipherData": one(_CIPHER_DATA),
        f"{XENC}ReferenceList": optional(
            element("", {f"{XENC}DataReference": some(element("URI"))})
        ),
    },
)
_ENCRYPTED_DATA = element(
    "Id Type MimeType Encoding",
    {
        f"{XENC}EncryptionMethod": one(element("Algorithm")),
        f"{DS}KeyInfo": optional(
            element(
                "Id",
                {
                    f"{XENC}EncryptedKey": optional(_ENCRYPTED_KEY),
                    f"{DS}RetrievalMethod": optional(element("Type URI")),
                },
            )
        ),
        f"{XENC}CipherData": one(_CIPHER_DATA),
    },
)
ENCRYPTED_ASSERTION = element(
    "",
    {
        f"{XENC}EncryptedData": one(_ENCRYPTED_DATA),
        f"{XENC}EncryptedKey": optional(_ENCRYPTED_KEY),
    },
)
