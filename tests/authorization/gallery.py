"""Entra ID, as the publisher has registered it with Microsoft."""

from __future__ import annotations

from dataclasses import dataclass

GALLERY = "gallery-client"
GALLERY_SECRET = "a secret that Microsoft knows too, and nobody else"
BACK = "https://portal.azure.com/TokenAuthorize"


@dataclass(frozen=True)
class Gallery:
    client_id: str = GALLERY
    secret: str = GALLERY_SECRET

    @property
    def body(self) -> dict[str, str]:
        return {"client_id": self.client_id, "client_secret": self.secret}
