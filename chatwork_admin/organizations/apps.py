from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "chatwork_admin.organizations"
