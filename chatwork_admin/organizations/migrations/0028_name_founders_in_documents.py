from django.db import migrations
from django.db.models import CharField, F, Value
from django.db.models.functions import Now, StrIndex, Substr

from chatwork_admin.organizations.folding import fold


def name(apps, schema_editor):
    """Founders were called something that neither document nor key said."""
    user = apps.get_model("organizations", "User")
    unsaid = user.objects.filter(display_name_key="").exclude(display_name="")
    local_part = Substr("user_name", 1, StrIndex("user_name", Value("@")) - 1)
    local_part.output_field = CharField()
    for founder in unsaid.exclude(display_name=local_part).iterator():
        called = founder.display_name
        user.objects.filter(pk=founder.pk).update(
            document={**founder.document, "displayName": called},
            display_name_key=fold(called),
            version=F("version") + 1,
            changed_at=Now(),
        )


class Migration(migrations.Migration):
    dependencies = [("organizations", "0027_search_users_by_index")]
    operations = [migrations.RunPython(name, migrations.RunPython.noop)]
