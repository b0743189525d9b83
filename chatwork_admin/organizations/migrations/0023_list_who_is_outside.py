from django.db import migrations, models
from django.db.models import Q

PRESENT = Q(deleted_at=None)


class Migration(migrations.Migration):
    dependencies = [("organizations", "0022_wrong_codes")]
    operations = [
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["organization", "user_name_key"],
                name="user_outside",
                condition=PRESENT & Q(is_active=True, last_login=None),
            ),
        ),
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["organization", "user_name_key"],
                name="user_who_administers",
                condition=PRESENT & ~Q(role="member"),
            ),
        ),
    ]
