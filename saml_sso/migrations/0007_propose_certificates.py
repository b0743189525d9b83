from django.db import migrations, models

# A certificate that is only proposed lets nobody in: it is no reason to let one go.
FUNCTION = """
CREATE OR REPLACE FUNCTION keep_a_certificate() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM saml_sso_identityprovider provider
        WHERE provider.id = OLD.identity_provider_id AND provider.mode <> 'off'
    ) AND NOT EXISTS (
        SELECT FROM saml_sso_trustedcertificate other
        WHERE other.identity_provider_id = OLD.identity_provider_id
            AND other.state {trusted}
            AND now() BETWEEN other.not_before AND other.not_after
    ) THEN
        RAISE EXCEPTION 'SAML is on and needs a certificate that is valid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'keep_a_certificate';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER keep_a_certificate ON saml_sso_trustedcertificate;
CREATE TRIGGER keep_a_certificate
    AFTER UPDATE OF state, not_before, not_after, identity_provider_id OR DELETE
    ON saml_sso_trustedcertificate
    FOR EACH ROW
    WHEN (OLD.state {trusted} AND now() BETWEEN OLD.not_before AND OLD.not_after)
    EXECUTE FUNCTION keep_a_certificate()
"""


class Migration(migrations.Migration):
    dependencies = [("saml_sso", "0006_bound_sign_ins")]
    operations = [
        migrations.AlterField(
            "trustedcertificate",
            "state",
            models.CharField(
                choices=[
                    ("proposed", "Proposed"),
                    ("next", "Next"),
                    ("active", "Active"),
                    ("retired", "Retired"),
                ],
                default="active",
                max_length=8,
            ),
        ),
        migrations.RunSQL(
            FUNCTION.format(trusted="IN ('next', 'active')"),
            FUNCTION.format(trusted="<> 'retired'"),
        ),
    ]
