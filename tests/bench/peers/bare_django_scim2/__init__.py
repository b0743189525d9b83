"""django-scim2 as its README sets it up: one application, one table of users."""
