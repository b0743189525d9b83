"""Where this installation lets metadata be fetched from."""

from __future__ import annotations

from django.conf import settings

from saml_sso.remote_metadata.addresses import objection_to_metadata_url
from saml_sso.remote_metadata.fetching import NotFetched


def require_visitable(url: str) -> None:
    """Raise NotFetched unless workers may go to `url`."""
    hosts = settings.SAML_METADATA_HOSTS
    if objection := objection_to_metadata_url(url, more_hosts=hosts):
        raise NotFetched(objection)
