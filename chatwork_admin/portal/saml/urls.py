"""The pages of SAML login."""

from __future__ import annotations

from django.urls import path

from chatwork_admin.portal.saml.views import (
    address,
    certificates,
    codes,
    matches,
    modes,
    options,
    settings,
    sign_ins,
    trial,
    versions,
)

urlpatterns = [
    path("", settings.page, name="saml"),
    path("metadata/", settings.metadata, name="saml-metadata"),
    path("address/", address.fetch, name="saml-fetch"),
    path("address/<uuid:fetch_id>/", address.fetched, name="saml-fetched"),
    path("watch/", address.watch, name="saml-watch"),
    path("manual/", settings.manual, name="saml-manual"),
    path("save/", settings.save, name="saml-save"),
    path("remove/", settings.remove, name="saml-remove"),
    path("options/", options.save, name="saml-options"),
    path("certificates/", certificates.add, name="saml-add-certificate"),
    path(
        "certificates/<uuid:certificate_id>/trust/",
        certificates.trust,
        name="saml-trust-certificate",
    ),
    path(
        "certificates/<uuid:certificate_id>/activate/",
        certificates.activate,
        name="saml-activate-certificate",
    ),
    path(
        "certificates/<uuid:certificate_id>/retire/",
        certificates.retire,
        name="saml-retire-certificate",
    ),
    path(
        "certificates/<uuid:certificate_id>/remove/",
        certificates.remove,
        name="saml-remove-certificate",
    ),
    path("test/", trial.result, name="saml-test"),
    path("test/start/", trial.start, name="saml-start-test"),
    path("test/link/", trial.link, name="saml-link"),
    path("off/", modes.off, name="saml-off"),
    path("optional/", modes.optional, name="saml-optional"),
    path("required/", modes.required, name="saml-required"),
    path("sign-ins/", sign_ins.page, name="saml-sign-ins"),
    path("matches/", matches.page, name="saml-matches"),
    path("versions/", versions.page, name="saml-versions"),
    path("versions/<int:number>/restore/", versions.restore, name="saml-restore"),
    path("codes/", codes.page, name="saml-codes"),
    path("codes/issue/", codes.issue, name="saml-issue-codes"),
    path("codes/file/", codes.download, name="saml-download-codes"),
]
