from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_mail_administrators")]
    operations = [
        migrations.AddIndex(
            model_name="auditsink",
            index=models.Index(
                fields=["organization_id"], name="audit_sink_of_organization"
            ),
        ),
    ]
