"""Issue a client secret from the form."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from chatwork_admin.audit.recording import Actor
from chatwork_admin.authorization import clients
from chatwork_admin.authorization.models import OAuthClient
from chatwork_admin.organizations import administrator_right
from chatwork_admin.portal.connection import once
from chatwork_admin.portal.connection.forms import SecretForm


@transaction.atomic
def issue(
    client: OAuthClient, session: SessionBase, form: SecretForm, *, actor: Actor
) -> str:
    """Return a new secret. Raises `once.IssuedAlready` and what `add_secret` raises."""
    organization = client.organization
    administrator_right.hold(organization, actor)
    nonce = form.cleaned_data["nonce"]
    once.require_unused(session, nonce)
    secret = clients.add_secret(
        organization,
        client.pk,
        note=form.cleaned_data["note"],
        expires_at=form.expires_at(),
        actor=actor,
    )
    once.remember(session, nonce)
    return secret
