from django.apps import AppConfig


class SamlSsoConfig(AppConfig):
    name = "saml_sso"
