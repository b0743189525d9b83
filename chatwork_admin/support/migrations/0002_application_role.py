from django.db import migrations

# The product runs as a role that owns nothing. Audit events are append-only for it.
ROLE = """
DO $$ BEGIN
    CREATE ROLE chatwork_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$;
GRANT USAGE ON SCHEMA public TO chatwork_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO chatwork_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO chatwork_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO chatwork_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT USAGE ON SEQUENCES TO chatwork_app;
REVOKE UPDATE, DELETE ON audit_auditevent FROM chatwork_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM chatwork_app
"""


class Migration(migrations.Migration):
    """Last of the first migrations: whatever table comes later is granted by default."""

    dependencies = [
        ("support", "0001_initial"),
        ("audit", "0001_initial"),
        ("organizations", "0003_exactly_one_administrator"),
        ("saml_sso", "0001_initial"),
        ("synchronization", "0001_initial"),
        ("authorization", "0001_initial"),
    ]
    operations = [migrations.RunSQL(ROLE, migrations.RunSQL.noop)]
