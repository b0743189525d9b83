from django.db import migrations, models
from django.db.models import Q

ACTIVE = Q(deleted_at=None, is_active=True)
CONDITIONS = {
    "user_who_entered": ACTIVE & Q(last_login__isnull=False),
    "user_outside": ACTIVE & Q(last_login=None),
}


class Migration(migrations.Migration):
    dependencies = [("organizations", "0026_close_smaller_segments")]

    operations = [
        *(migrations.RemoveIndex("user", name) for name in CONDITIONS),
        *(
            migrations.AddIndex(
                "user",
                models.Index(
                    fields=["organization", "user_name_key", "id"],
                    include=["display_name_key"],
                    name=name,
                    condition=condition,
                ),
            )
            for name, condition in CONDITIONS.items()
        ),
    ]
