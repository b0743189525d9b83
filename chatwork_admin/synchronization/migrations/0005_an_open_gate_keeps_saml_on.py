from django.db import migrations

# An open gate refers to an identity provider *that is on*: who switches it off breaks
# the reference, and so does who opens the gate for one that is off, also at once.
KEEP_ON = """
ALTER TABLE saml_sso_identityprovider
    ADD COLUMN is_on boolean NOT NULL GENERATED ALWAYS AS (mode <> 'off') STORED,
    ADD CONSTRAINT identity_provider_and_whether_it_is_on UNIQUE (id, is_on);
ALTER TABLE synchronization_usersynchronization
    ADD COLUMN needs_it_on boolean NOT NULL GENERATED ALWAYS AS (true) STORED,
    ADD CONSTRAINT an_open_gate_keeps_saml_on
        FOREIGN KEY (identity_provider_id, needs_it_on)
        REFERENCES saml_sso_identityprovider (id, is_on)
"""
WITHOUT = """
ALTER TABLE synchronization_usersynchronization
    DROP CONSTRAINT an_open_gate_keeps_saml_on,
    DROP COLUMN needs_it_on;
ALTER TABLE saml_sso_identityprovider
    DROP CONSTRAINT identity_provider_and_whether_it_is_on,
    DROP COLUMN is_on
"""


class Migration(migrations.Migration):
    dependencies = [
        ("synchronization", "0004_saml_is_on_where_the_gate_is_open"),
    ]
    operations = [migrations.RunSQL(KEEP_ON, WITHOUT)]
