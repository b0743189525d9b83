from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig

from chatwork_admin.support import words


class SupportConfig(AppConfig):
    name = "chatwork_admin.support"
    label = "support"

    def ready(self) -> None:
        words.teach()
        import_module(f"{self.name}.admin")


class SupportAdminConfig(SimpleAdminConfig):
    """No discovery: only what `support.admin` registers is on the site."""

    default_site = "chatwork_admin.support.site.SupportSite"
