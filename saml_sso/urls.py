from django.contrib.auth.decorators import login_not_required
from django.urls import path

from saml_sso import logout_views, views

app_name = "saml"

urlpatterns = [
    path("metadata", login_not_required(views.metadata), name="metadata"),
    path("login", login_not_required(views.login), name="login"),
    path("acs", login_not_required(views.assertion_consumer_service), name="acs"),
    path("logout", login_not_required(logout_views.logout), name="logout"),
    path("step-up", views.step_up, name="step-up"),
    path("answered", login_not_required(views.answered), name="answered"),
    path("complete", login_not_required(views.complete), name="complete"),
]
