"""Where browsers' sessions are kept: Django's table, in which no session key stands.

A row is found by a keyed hash of the key. Whoever reads the table, or a backup of it, is
let in nowhere.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

from chatwork_admin.organizations.sessions.lookup import key_hash

KEY_LENGTH = 40  # of Django's column: 160 bits of the hash


def name_of_row(session_key: str) -> str:
    return key_hash(session_key)[:KEY_LENGTH]


class SessionStore(db.SessionStore):
    """For synchronous views; the product has no others."""

    def exists(self, session_key: str) -> bool:
        return super().exists(name_of_row(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = name_of_row(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(name_of_row(key))

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        name = name_of_row(self.session_key or "")
        rows = self.model.objects.filter(session_key=name)
        row = rows.filter(expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
        return row
