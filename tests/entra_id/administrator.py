"""A robot that plays the customer's administrator in the product's own pages."""

from typing import Self

import httpx

from tests.entra_id.browser import Browser, Page, PageRefused
from tests.entra_id.member import be_signed_in
from tests.entra_id.workload_identity import WorkloadIdentity

_SIGN_IN = "/sign-in/"
_LOGIN_SETTINGS = "/manage/security/login/"
_SYNCHRONIZATION = "/manage/sync/"
_CONNECTION = "/manage/sync/connection/"


class Administrator:
    """Does with a browser what the tutorial's step 2 asks for; closed by `with`; raises PageRefused."""

    def __init__(
        self, base_url: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.browser = Browser(base_url, transport=transport)
        self._password = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def sign_in(self, username: str, password: str) -> None:
        self._password = password
        page = self.browser.open(_SIGN_IN)
        values = {"username": username, "password": password}
        answer = self.browser.submit(page, "sign-in-form", values)
        _expect_gone(answer, "sign-in-form")

    def configure_saml(self, metadata_xml: bytes, *, as_file: bool = False) -> None:
        """Give the metadata, by paste or as a file, and save what the preview shows."""
        page = self.browser.open(_LOGIN_SETTINGS)
        preview = self._give_metadata(page, metadata_xml, as_file=as_file)
        _expect_gone(self.browser.submit(preview, "saml-save-form"), "saml-save-form")

    def test_saml(self, user_principal_name: str) -> None:
        """Start the test sign-in, be this person at Entra ID, and see it pass."""
        page = self.browser.open(f"{_LOGIN_SETTINGS}test/start/")
        result = be_signed_in(self.browser, page, user_principal_name)
        if not result.has("test-passed"):
            raise PageRefused(result.complaint("does not say that the test has passed"))

    def switch_saml_on(self) -> None:
        """Make SAML sign-in optional."""
        page = self.browser.open(f"{_LOGIN_SETTINGS}optional/")
        _expect_gone(self.browser.submit(page, "saml-mode-form"), "saml-mode-form")

    def enable_synchronization(self) -> None:
        """Tick every notice, go without emergency access, and enable synchronization."""
        page = self.browser.open(_SYNCHRONIZATION)
        waiver = {"waived": "yes"}
        answer = self.browser.submit(page, "enable-form", waiver, ticked="accepted")
        _expect_gone(answer, "enable-form")

    def is_enabled(self) -> bool:
        """Say whether the page offers no enabling any more."""
        page = self.browser.open(_SYNCHRONIZATION)
        _expect_gone(page, "sign-in-form")
        return not page.has("enable-form")

    def issue_token(self, name: str) -> str:
        """Issue a token for a provisioning client; the page shows it this once."""
        page = self.browser.open(_CONNECTION)
        answer = self.browser.submit(page, "issue-token-form", {"name": name})
        return answer.text_of("issued-token")

    def register_client(self, name: str) -> tuple[str, str]:
        """Register an OAuth client and issue a secret; return its ID and the secret."""
        client = self._new_client(name)
        answer = self.browser.submit(client, "add-secret-form", {"note": name})
        return answer.text_of("client-id"), answer.text_of("issued-secret")

    def trust_workload(self, name: str, workload: WorkloadIdentity) -> str:
        """Register an OAuth client that needs no secret; return its ID."""
        client = self._new_client(name)
        page = self.browser.open(f"{client.url}federation/")
        values = {
            "issuer": workload.issuer,
            "jwks_uri": workload.jwks_uri,
            "subject": workload.subject,
            "audience": workload.audience,
        }
        answer = self.browser.submit(page, "add-identity-form", values)
        _expect_gone(answer, "add-identity-form")
        return answer.text_of("client-id")

    def authorize(self, address: str) -> str:
        """Consent where *Authorize* leads; return the address that one is led back to.

        Whoever is asked to prove who they are, does so.
        """
        answer = self.browser.submit(self.browser.open(address), "consent-form")
        if answer.has("step-up-form"):
            proof = {"step-up-password": self._password}
            answer = self.browser.submit(answer, "step-up-form", proof)
        return str(answer.element("consent-answer").get("href"))

    def close(self) -> None:
        self.browser.close()

    def _new_client(self, name: str) -> Page:
        page = self.browser.open(_CONNECTION)
        values = {"client_name": name}
        return self.browser.submit(page, "register-client-form", values)

    def _give_metadata(self, page: Page, metadata_xml: bytes, *, as_file: bool) -> Page:
        form = "saml-metadata-form"
        if as_file:
            files = {"metadata_file": ("federationmetadata.xml", metadata_xml)}
            return self.browser.submit(page, form, files=files)
        # A clipboard carries no byte order mark.
        pasted = metadata_xml.decode("utf-8-sig")
        return self.browser.submit(page, form, {"metadata_xml": pasted})


def _expect_gone(page: Page, form_id: str) -> None:
    if page.has(form_id) or page.status >= 400:
        raise PageRefused(page.complaint(f"still shows {form_id!r}"))
