from django.db import migrations, models

# Each key of one user, with the organization before it: so the index of one column
# serves whoever asks, and neighbours with the same manager or e-mail cost nothing. It
# is one expression of immutable functions, so PostgreSQL sees through it. Without
# fastupdate no reader ever pays for a pending list.
LOOKUP = """
CREATE FUNCTION lookup_keys_of(organization uuid, keys text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN string_to_array(replace(keys, ' ', ' ' || organization::text), ' ');
CREATE INDEX user_by_lookup_key ON organizations_user
    USING gin (lookup_keys_of(organization_id, lookup_keys))
    WITH (fastupdate = off)
    WHERE deleted_at IS NULL AND lookup_keys <> ''
"""
WITHOUT_LOOKUP = """
DROP INDEX user_by_lookup_key;
DROP FUNCTION lookup_keys_of(uuid, text)
"""


class Migration(migrations.Migration):
    dependencies = [("organizations", "0007_fill_keys_of_users")]
    operations = [
        migrations.RemoveIndex(
            model_name="user",
            name="user_by_user_name",
        ),
        migrations.RemoveIndex(
            model_name="user",
            name="user_by_external_id",
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["organization", "user_name_key", "created_at", "id"],
                name="user_by_user_name",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["organization", "is_active", "created_at", "id"],
                name="user_by_active",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["organization", "created_at", "id"],
                name="user_by_creation",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["organization", "changed_at", "created_at", "id"],
                name="user_by_change",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(
                    ("deleted_at", None), models.Q(("external_id", ""), _negated=True)
                ),
                fields=["organization", "external_id", "created_at", "id"],
                name="user_by_external_id",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(
                    ("deleted_at", None),
                    models.Q(("display_name_key", ""), _negated=True),
                ),
                fields=["organization", "display_name_key", "created_at", "id"],
                name="user_by_display_name",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(
                    ("deleted_at", None), models.Q(("title_key", ""), _negated=True)
                ),
                fields=["organization", "title_key", "created_at", "id"],
                name="user_by_title",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(
                    ("deleted_at", None),
                    models.Q(("department_key", ""), _negated=True),
                ),
                fields=["organization", "department_key", "created_at", "id"],
                name="user_by_department",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(
                    ("deleted_at", None),
                    models.Q(("organization_name_key", ""), _negated=True),
                ),
                fields=["organization", "organization_name_key", "created_at", "id"],
                name="user_by_organization_name",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(
                    ("deleted_at", None),
                    models.Q(("employee_number_key", ""), _negated=True),
                ),
                fields=["organization", "employee_number_key", "created_at", "id"],
                name="user_by_employee_number",
            ),
        ),
        migrations.AddIndex(
            model_name="group",
            index=models.Index(
                fields=["organization", "created_at", "id"], name="group_by_creation"
            ),
        ),
        migrations.RunSQL(LOOKUP, WITHOUT_LOOKUP),
    ]
