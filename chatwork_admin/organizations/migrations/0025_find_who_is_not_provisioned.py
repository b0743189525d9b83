from django.db import migrations, models
from django.db.models import Q

UNPROVISIONED = Q(
    deleted_at=None, is_active=True, last_login__isnull=False, linked_at=None
)


class Migration(migrations.Migration):
    dependencies = [("organizations", "0024_used_challenges")]

    operations = [
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["organization", "user_name_key"],
                name="user_not_provisioned",
                condition=UNPROVISIONED,
            ),
        ),
    ]
