from django.apps import AppConfig


class SynchronizationConfig(AppConfig):
    name = "chatwork_admin.synchronization"
