"""A small tenant with one application, and what a browser does there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from lxml import html

from saml_sso.key_pairs import new_key_pair, parse_key_pair
from saml_sso.messages.assertions import Assertion
from saml_sso.messages.requests import (
    AuthenticationRequest,
    SignOn,
    authentication_request,
)
from saml_sso.messages.responses import read_response
from tests.entra_id.directory import Directory, Group
from tests.entra_id.sign_on.applications import EnterpriseApplication
from tests.entra_id.sign_on.serving import serving
from tests.entra_id.sign_on.site import Site
from tests.entra_id.sign_on.tenant import Tenant
from tests.saml_sso.answering import BOB, TENANT, acme, expectations

CAROL = replace(
    BOB, object_id="c", user_principal_name="carol@acme.example", assigned=False
)
KEYS = parse_key_pair(*new_key_pair("Test", now=datetime.now(UTC)))


def new_application() -> EnterpriseApplication:
    certificate = x509.load_pem_x509_certificate(KEYS.certificate.encode())
    return EnterpriseApplication(
        entity_id=acme().entity_id,
        reply_urls=(acme().acs_url,),
        logout_url=acme().logout_url,
        verification_certificates=(certificate,),
    )


def new_tenant() -> Tenant:
    groups = [Group("g1", "Sales", members=(BOB.object_id,)), Group("g2", "Other")]
    tenant = Tenant(acme().provider, Directory.of([BOB, CAROL], groups))
    tenant.register(new_application())
    return tenant


@contextmanager
def browsing(tenant: Tenant) -> Iterator[httpx.Client]:
    """Reach the tenant under Entra's own name."""
    with (
        serving(Site(tenant), with_tls=True) as address,
        httpx.Client(base_url=address, verify=False) as client,
    ):
        yield client


def asked(
    key: str | None = KEYS.private_key, **changes: object
) -> AuthenticationRequest:
    sign_on = SignOn(
        entity_id=acme().entity_id,
        acs_url=acme().acs_url,
        single_sign_on_url=acme().provider.login_url,
    )
    return authentication_request(
        replace(sign_on, **changes),  # type: ignore[arg-type]  # passed through
        relay_state="t0ken",
        signing_key=key,
        now=datetime.now(UTC),
    )


def path_of(url: str) -> str:
    parts = urlsplit(url)
    assert parts.netloc == "login.microsoftonline.com"
    return f"{parts.path}?{parts.query}"


def signed_in(browser: httpx.Client, request: AuthenticationRequest) -> httpx.Response:
    """Go there, and choose who is chosen already."""
    page = browser.get(path_of(request.redirect_url))
    form = html.fromstring(page.text).get_element_by_id("sign-in")
    query = form.get("action")
    return browser.post(f"/{TENANT}/saml2{query}", data=dict(form.form_values()))


def brought(page: httpx.Response) -> dict[str, str]:
    form = html.fromstring(page.text).get_element_by_id("answer")
    assert form.get("action") == acme().acs_url
    return dict(form.form_values())


def believed(page: httpx.Response, request: AuthenticationRequest) -> Assertion:
    fields = brought(page)
    assert fields["RelayState"] == "t0ken"
    return read_response(fields["SAMLResponse"], expectations(request_id=request.id))
