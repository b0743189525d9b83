"""What is not ours must understand us, and we it: sign-ins over HTTP, start to end."""

from __future__ import annotations

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User, UserSession
from saml_sso import addresses, keys
from tests.foreign_identity_providers.conftest import Start
from tests.foreign_identity_providers.providers import PROVIDERS, Person
from tests.foreign_identity_providers.web import Browser

GROUPS = [f"00000000-0000-0000-0000-{number:012d}" for number in range(150)]
SIGNED = {
    "assertion": {"saml20.sign.assertion": True, "saml20.sign.response": False},
    "response": {"saml20.sign.assertion": False, "saml20.sign.response": True},
    "both": {"saml20.sign.assertion": True, "saml20.sign.response": True},
}


def described(user_name: str) -> Person:
    """Return what its directory knows of a person: a Japanese name, many groups."""
    return {"mail": [user_name], "displayName": ["山田 太郎"], "groups": GROUPS}


def sign_in(browser: Browser, organization: Organization) -> httpx.Response:
    """Come as a stranger, in a new browser."""
    newcomer = Browser(browser.web, browser.typed_at, browser.typed)
    return newcomer.open(addresses.login_url(organization))


def refusals() -> list[str]:
    events = AuditEvent.objects.filter(action="login.failed").order_by("id")
    return [event.context["code"] for event in events]


@pytest.mark.parametrize("name", [provider.name for provider in PROVIDERS])
def test_a_member_signs_in_twice_and_a_stranger_does_not(
    acme: Organization, bob: User, start: Start, browser: Browser, name: str
) -> None:
    provider = start(name)
    provider.describe(described(bob.user_name))

    for _ in range(2):
        page = sign_in(browser, acme)
        assert str(page.url) == "https://admin.example.jp/account/", refusals()
        assert "bob@acme.test" in page.text
    sessions = UserSession.objects.values_list("user", "began")
    assert list(sessions) == [(bob.pk, "saml")] * 2

    provider.describe(described("stranger@acme.test"))
    assert sign_in(browser, acme).status_code == 403
    assert refusals() == ["person-unknown"]
    assert UserSession.objects.count() == 2


@pytest.mark.parametrize("signed", SIGNED)
def test_whatever_simplesamlphp_signs_it_is_understood(
    acme: Organization, bob: User, start: Start, browser: Browser, signed: str
) -> None:
    provider = start("SimpleSAMLphp")
    provider.describe(described(bob.user_name))
    # It verifies our signature on the request, by the key of our metadata.
    provider.choose(**SIGNED[signed], **{"validate.authnrequest": True})

    assert sign_in(browser, acme).status_code == 200, refusals()


def test_what_simplesamlphp_encrypts_to_us_is_understood(
    acme: Organization, bob: User, start: Start, browser: Browser
) -> None:
    provider = start("SimpleSAMLphp")
    provider.describe(described(bob.user_name))
    provider.choose(**{"assertion.encryption": True})

    assert sign_in(browser, acme).status_code == 200, refusals()


@pytest.mark.parametrize("algorithm", ["aes256-cbc", "aes256-gcm"])
def test_what_samlp_encrypts_to_us_is_understood(
    acme: Organization, bob: User, start: Start, browser: Browser, algorithm: str
) -> None:
    provider = start("samlp")
    provider.describe(described(bob.user_name))
    ours = x509.load_pem_x509_certificate(keys.current_pair().certificate.encode())
    key = ours.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    space = "2009/xmlenc11" if algorithm.endswith("gcm") else "2001/04/xmlenc"
    provider.choose(
        encryptionCert=ours.public_bytes(Encoding.PEM).decode(),
        encryptionPublicKey=key.decode(),
        encryptionAlgorithm=f"http://www.w3.org/{space}#{algorithm}",
        disallowEncryptionWithInsecureAlgorithm=False,  # CBC is what Entra ID uses
    )

    assert sign_in(browser, acme).status_code == 200, refusals()
