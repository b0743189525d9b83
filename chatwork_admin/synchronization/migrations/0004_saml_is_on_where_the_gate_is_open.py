from django.db import migrations

# Gates that were opened before SAML could be switched on or off.
SWITCH_ON = """
UPDATE saml_sso_identityprovider SET mode = 'optional'
WHERE mode = 'off' AND id IN (
    SELECT identity_provider_id FROM synchronization_usersynchronization
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("synchronization", "0003_remember_who_was_deleted"),
        ("saml_sso", "0006_bound_sign_ins"),
    ]
    operations = [migrations.RunSQL(SWITCH_ON, migrations.RunSQL.noop)]
