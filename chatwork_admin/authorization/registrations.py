"""Who may ask: the organizations' own clients, and the one of Entra's gallery.

The gallery's client is registered with Microsoft by whoever runs this installation (B8);
each grant names the organization that it acts for.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass

from django.conf import settings

from chatwork_admin.authorization.models import SHORTEST_MINUTES, OAuthClient

GALLERY_NAME = "Microsoft Entra ID"


@dataclass(frozen=True, slots=True)
class Registration:
    """A client; `row` is None for the gallery's."""

    client_id: str
    name: str
    token_minutes: int
    row: OAuthClient | None

    @property
    def redirect_uris(self) -> list[str]:
        """Return where its codes may be brought: the gallery's as is registered there."""
        return (
            settings.OAUTH_REDIRECT_URIS if self.row is None else self.row.redirect_uris
        )

    @property
    def may_omit_response_type(self) -> bool:
        """Say whether what it leaves out counts as `code` (B10)."""
        return self.row is None or self.row.may_omit_response_type


def find(client_id: str, *, is_locked: bool = False) -> Registration | None:
    """Find whose id this is, and lock the row where there is one."""
    if client_id and client_id == settings.OAUTH_GALLERY_CLIENT_ID:
        return Registration(client_id, GALLERY_NAME, SHORTEST_MINUTES, None)
    try:
        key = uuid.UUID(client_id)
    except ValueError:
        return None
    rows = OAuthClient.objects.select_related("organization").filter(removed_at=None)
    if is_locked:
        rows = rows.select_for_update(no_key=True, of=("self",))
    row = rows.filter(pk=key).first()
    if row is None:
        return None
    return Registration(row.client_id, row.name, row.token_minutes, row)


def is_gallery_secret(secret: str) -> bool:
    said = secret.encode()
    known = settings.OAUTH_GALLERY_SECRETS
    return any(hmac.compare_digest(each.encode(), said) for each in known)
