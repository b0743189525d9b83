from django.contrib.auth.decorators import login_not_required
from django.urls import path

from saml_sso import views

app_name = "saml"

urlpatterns = [
    path("metadata", login_not_required(views.metadata), name="metadata"),
]
