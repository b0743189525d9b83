from django.contrib.postgres.indexes import GinIndex
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("synchronization", "0005_an_open_gate_keeps_saml_on"),
    ]
    operations = [
        migrations.AddIndex(
            model_name="tombstone",
            index=GinIndex(fields=["teams"], name="tombstone_by_team"),
        ),
    ]
