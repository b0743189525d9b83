from django.apps import AppConfig


class AuthorizationConfig(AppConfig):
    name = "chatwork_admin.authorization"
