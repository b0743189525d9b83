"""The application in Entra's gallery, as the publisher of the demo has registered it."""

import secrets

from tests.entra_id.authorization import Registration


def register(port: int) -> Registration:
    """Return what Microsoft is told of the product at this port; its secret is new."""
    base_url = f"http://127.0.0.1:{port}"
    return Registration(
        authorization_endpoint=f"{base_url}/oauth/authorize",
        token_endpoint=f"{base_url}/oauth/token",
        client_id="entra-gallery",
        client_secret=secrets.token_urlsafe(32),
        redirect_uri=f"http://127.0.0.1:{port + 2}/TokenAuthorize",
    )


def settings_for(registration: Registration) -> dict[str, str]:
    """Return what the product is told of it."""
    return {
        "OAUTH_GALLERY_CLIENT_ID": registration.client_id,
        "OAUTH_GALLERY_SECRETS": registration.client_secret,
        "OAUTH_REDIRECT_URIS": registration.redirect_uri,
    }
