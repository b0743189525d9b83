"""Users and groups with the mixins that django-scim2's documentation asks for."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Group(AbstractSCIMGroupMixin):  # type: ignore[misc] # untyped
    name = models.CharField(max_length=150, unique=True)

    class Meta:
        app_label = "bare_django_scim2"


class User(AbstractSCIMUserMixin, AbstractUser):  # type: ignore[misc] # untyped
    scim_groups = models.ManyToManyField(Group, related_name="user_set")

    class Meta:
        app_label = "bare_django_scim2"
