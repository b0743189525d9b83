from django.apps import AppConfig

# Early, and for its time alone: the library looks through every frame and module there
# is for the source of each of its models, which late in a start takes a second.
from scim.documents import schemas  # noqa: F401


class ScimConfig(AppConfig):
    name = "scim"
