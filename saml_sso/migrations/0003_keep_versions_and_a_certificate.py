from django.db import migrations

# What was saved before versions were kept becomes the first of them.
VERSIONS = """
INSERT INTO saml_sso_settingsversion
    (id, organization_id, number, settings, saved_at, saved_by)
SELECT gen_random_uuid(), provider.organization_id, organization.saml_versions,
       jsonb_build_object(
           'entity_id', entity_id,
           'single_sign_on_url', single_sign_on_url,
           'single_logout_url', single_logout_url,
           'after_logout_url', after_logout_url,
           'name_id_format', name_id_format,
           'sign_requests', sign_requests,
           'require_signed_response', require_signed_response,
           'allow_idp_initiated', allow_idp_initiated,
           'certificates', (
               SELECT coalesce(
                   jsonb_agg(certificate.pem ORDER BY certificate.sha256), '[]'
               )
               FROM saml_sso_trustedcertificate certificate
               WHERE certificate.identity_provider_id = provider.id
           )
       ), changed_at, changed_by
FROM saml_sso_identityprovider provider
JOIN organizations_organization organization
    ON organization.id = provider.organization_id
"""
# Whoever signs in by SAML needs a certificate that is valid: the last one stays. One
# that has expired may go, and so may all while SAML is off.
TRIGGER = """
CREATE FUNCTION keep_a_certificate() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM saml_sso_identityprovider provider
        WHERE provider.id = OLD.identity_provider_id AND provider.mode <> 'off'
    ) AND NOT EXISTS (
        SELECT FROM saml_sso_trustedcertificate other
        WHERE other.identity_provider_id = OLD.identity_provider_id
            AND other.state <> 'retired'
            AND now() BETWEEN other.not_before AND other.not_after
    ) THEN
        RAISE EXCEPTION 'SAML is on and needs a certificate that is valid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'keep_a_certificate';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_a_certificate
    AFTER UPDATE OF state, not_before, not_after, identity_provider_id OR DELETE
    ON saml_sso_trustedcertificate
    FOR EACH ROW
    WHEN (OLD.state <> 'retired' AND now() BETWEEN OLD.not_before AND OLD.not_after)
    EXECUTE FUNCTION keep_a_certificate()
"""
WITHOUT = """
DROP TRIGGER keep_a_certificate ON saml_sso_trustedcertificate;
DROP FUNCTION keep_a_certificate()
"""


class Migration(migrations.Migration):
    dependencies = [("saml_sso", "0002_sign_ins_and_states")]
    operations = [
        migrations.RunSQL(VERSIONS, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGER, WITHOUT),
    ]
