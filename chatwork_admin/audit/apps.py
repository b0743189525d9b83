from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "chatwork_admin.audit"
