from __future__ import annotations

import pytest

from saml_sso.identity_providers.trusted_addresses import TrustReason
from saml_sso.remote_metadata.addresses import (
    AddressReason,
    is_of_a_whole_tenant,
    objection_to_metadata_url,
)

TENANT = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
FILE = "federationmetadata/2007-06/federationmetadata.xml"
HOST = "login.microsoftonline.com"
OF_THE_APPLICATION = f"https://{HOST}/{TENANT}/{FILE}?appid={TENANT}"


@pytest.mark.parametrize(
    "url",
    [
        OF_THE_APPLICATION,
        f"https://LOGIN.microsoftonline.COM/{TENANT}/{FILE}?appid={TENANT}",
        f"https://{HOST}:443/{TENANT}/{FILE}",
        f"https://login.microsoftonline.us/{TENANT}/{FILE}",
        f"https://login.partner.microsoftonline.cn/{TENANT}/{FILE}",
        f"https://sts.windows.net/{TENANT}/{FILE}",
        f"https://{HOST}/contoso.onmicrosoft.com/{FILE}?appid={TENANT}",
    ],
)
def test_addresses_of_microsoft_may_be_visited(url: str) -> None:
    assert objection_to_metadata_url(url) is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"http://{HOST}/{TENANT}/{FILE}", TrustReason.NOT_HTTPS),
        ("file:///etc/passwd", TrustReason.NOT_HTTPS),
        ("ftp://login.microsoftonline.com/x", TrustReason.NOT_HTTPS),
        ("gopher://127.0.0.1:6379/_FLUSHALL", TrustReason.NOT_HTTPS),
        ("javascript:alert(1)", TrustReason.NOT_HTTPS),
        (f"//{HOST}/x", TrustReason.NOT_A_URI),
        (f" https://{HOST}/x", TrustReason.NOT_A_URI),
        (f"https://{HOST}/x\r\nHost: evil.test", TrustReason.NOT_A_URI),
        (f"https://{HOST}/x#fragment", TrustReason.HAS_FRAGMENT),
        (f"https://user:password@{HOST}/x", TrustReason.HAS_USER_INFORMATION),
        (f"https://{HOST}@evil.test/x", TrustReason.HAS_USER_INFORMATION),
        (f"https://{HOST}\\@evil.test/x", TrustReason.NOT_A_URI),
        ("https://127.1/x", TrustReason.INVALID_HOST),
        ("https://2130706433/x", TrustReason.INVALID_HOST),
        ("https://0x7f.0.0.1/x", TrustReason.INVALID_HOST),
        ("https://127.0.0.1/x", TrustReason.HOST_NOT_PUBLIC),
        ("https://169.254.169.254/latest/meta-data/", TrustReason.HOST_NOT_PUBLIC),
        ("https://[::1]/x", TrustReason.HOST_NOT_PUBLIC),
        ("https://[::ffff:127.0.0.1]/x", TrustReason.HOST_NOT_PUBLIC),
        ("https://[::ffff:7f00:1]/x", TrustReason.HOST_NOT_PUBLIC),
        ("https://localhost/x", TrustReason.HOST_NOT_PUBLIC),
        ("https://8.8.8.8/x", AddressReason.HOST_NOT_LISTED),
        ("https://127.0.0.1.nip.io/x", AddressReason.HOST_NOT_LISTED),
        ("https://evil.test/x", AddressReason.HOST_NOT_LISTED),
        (f"https://{HOST}.evil.test/x", AddressReason.HOST_NOT_LISTED),
        (f"https://evil-{HOST}/x", AddressReason.HOST_NOT_LISTED),
        (f"https://evil.{HOST}/x", AddressReason.HOST_NOT_LISTED),
        (f"https://{HOST}./x", TrustReason.INVALID_HOST),
        (f"https://evil.test/?{HOST}", AddressReason.HOST_NOT_LISTED),
        (f"https://{HOST}:22/x", AddressReason.OTHER_PORT),
        (f"https://{HOST}:8443/x", AddressReason.OTHER_PORT),
        (f"https://{HOST}:0/x", TrustReason.INVALID_HOST),
        (f"https://{HOST}:99999/x", TrustReason.INVALID_HOST),
        (f"https://{HOST}/common/{FILE}?appid=1", AddressReason.EVERY_TENANT),
        (f"https://{HOST}/COMMON/{FILE}?appid=1", AddressReason.EVERY_TENANT),
        (f"https://{HOST}/%63ommon/{FILE}", AddressReason.EVERY_TENANT),
        (f"https://{HOST}//common/{FILE}", AddressReason.EVERY_TENANT),
        (f"https://{HOST}/organizations/{FILE}", AddressReason.EVERY_TENANT),
        (f"https://{HOST}/" + "x" * 2048, TrustReason.TOO_LONG),
        ("", TrustReason.REQUIRED),
    ],
)
def test_other_addresses_are_refused_before_anybody_goes_there(
    url: str, reason: TrustReason | AddressReason
) -> None:
    assert objection_to_metadata_url(url) == reason


def test_a_host_of_the_setting_may_be_visited_too_and_only_that() -> None:
    hosts = ["idp.example.jp"]
    visit = objection_to_metadata_url

    assert visit("https://idp.example.jp/metadata", more_hosts=hosts) is None
    assert visit("https://idp.example.jp/common", more_hosts=hosts) is None
    assert (
        visit("https://sub.idp.example.jp/metadata", more_hosts=hosts)
        == AddressReason.HOST_NOT_LISTED
    )
    assert (
        visit("https://idp.example.jp:8443/metadata", more_hosts=hosts)
        == AddressReason.OTHER_PORT
    )


def test_microsofts_address_of_an_application_is_told_from_that_of_its_tenant() -> None:
    assert not is_of_a_whole_tenant(OF_THE_APPLICATION)
    assert not is_of_a_whole_tenant(OF_THE_APPLICATION.replace("appid", "AppId"))
    assert not is_of_a_whole_tenant("https://idp.example.jp/metadata")

    assert is_of_a_whole_tenant(f"https://{HOST}/{TENANT}/{FILE}")
    assert is_of_a_whole_tenant(f"https://{HOST}/{TENANT}/{FILE}?appid=")
    assert is_of_a_whole_tenant(f"https://{HOST}/{TENANT}/{FILE}?policy=appid")
