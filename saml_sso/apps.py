from django.apps import AppConfig

from saml_sso import checks  # noqa: F401  # registers them


class SamlSsoConfig(AppConfig):
    name = "saml_sso"
