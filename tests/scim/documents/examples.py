"""Users as clients send them."""

from __future__ import annotations

from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    Document,
)

ENTRA_USER = {
    "schemas": [CORE, ENTERPRISE],
    "externalId": "yamada",
    "userName": "Yamada.T@Example.jp",
    "active": True,
    "displayName": "山田 太郎",
    "name": {"formatted": "太郎 山田", "familyName": "山田", "givenName": "太郎"},
    "emails": [{"type": "work", "value": "yamada@Example.jp", "primary": True}],
    "title": "主任",
    "meta": {"resourceType": "User"},
    "roles": [],
    ENTERPRISE: {"department": "営業", "organization": "本社"},
}


KEPT = {name: value for name, value in ENTRA_USER.items() if name not in {"roles"}}


EVERY_ATTRIBUTE: Document = {
    "schemas": [CORE, ENTERPRISE],
    "externalId": "Ext-1",
    "userName": "Every.One@Example.JP",
    "active": False,
    "name": {
        "formatted": "Ms. 山田  花子",
        "familyName": "山田",
        "givenName": "花子",
        "middleName": "É.",
        "honorificPrefix": "Ms.",
        "honorificSuffix": "III",
    },
    "displayName": "ｶﾅ ﾊﾝｶｸ 🦊 ＦＵＬＬ",
    "nickName": "  spaced  ",
    "profileUrl": "HTTP://EXAMPLE.com/%7Euser",
    "title": "主任",
    "userType": "Employee",
    "preferredLanguage": "ja-JP;q=0.8, EN",
    "locale": "en-us",
    "timezone": "asia/TOKYO",
    "emails": [
        {"type": "Work", "value": "a..b@DOCOMO.ne.jp", "display": "W", "primary": True},
        {"type": "custom", "value": "no at sign"},
    ],
    "phoneNumbers": [
        {"type": "work", "value": "+81 (0)3-1234-5678 ext. 9"},
        {"type": "fax", "value": "tel:+1-201-555-0123", "display": "F"},
    ],
    "ims": [{"type": "MSN", "value": "handle", "primary": False}],
    "photos": [{"type": "photo", "value": "photo.png"}],
    "addresses": [
        {
            "type": "work",
            "formatted": "1-2-3\r\n千代田区",
            "streetAddress": "1-2-3",
            "locality": "東京",
            "region": "Tokyo",
            "postalCode": "〒100-0001",
            "country": "jp",
            "primary": True,
        },
        {"type": "other", "formatted": "Building 9"},
    ],
    "entitlements": [{"value": "E1", "type": "t", "display": "d"}],
    "roles": [{"value": '{"id":"1","value":"Admin"}', "primary": True}],
    "x509Certificates": [{"value": "MIICAB==", "display": "c"}],
    ENTERPRISE: {
        "employeeNumber": "007",
        "costCenter": "4130",
        "organization": "本社",
        "division": "Theme",
        "department": "営業",
        "manager": {"value": "26118915", "$ref": "../Users/26118915"},
    },
}


def without(document: Document, *names: str) -> Document:
    return {name: value for name, value in document.items() if name not in names}
