from hashlib import blake2b

from django.db import migrations

from chatwork_admin.organizations.folding import fold

ENTERPRISE_USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CORE = {"display_name_key": "displayName", "title_key": "title"}
ENTERPRISE = {
    "department_key": "department",
    "organization_name_key": "organization",
    "employee_number_key": "employeeNumber",
}
BATCH = 1000


def fill(apps, schema_editor):
    User = apps.get_model("organizations", "User")
    batch = []
    for user in User.objects.only("id", "document").iterator(chunk_size=BATCH):
        for column, value in keys(user.document).items():
            setattr(user, column, value)
        batch.append(user)
        if len(batch) == BATCH:
            User.objects.bulk_update(batch, [*CORE, *ENTERPRISE, "lookup_keys"])
            batch = []
    if batch:
        User.objects.bulk_update(batch, [*CORE, *ENTERPRISE, "lookup_keys"])


def keys(document):
    """As `synchronization.attributes` derived them when this was written."""
    enterprise = document.get(ENTERPRISE_USER) or {}
    found = {column: fold(document.get(name) or "") for column, name in CORE.items()}
    found |= {
        column: fold(enterprise.get(name) or "") for column, name in ENTERPRISE.items()
    }
    return found | {"lookup_keys": lookup_keys(document, enterprise)}


def lookup_keys(document, enterprise):
    named = [("emails", each.get("value")) for each in document.get("emails") or []]
    named.append(("manager", (enterprise.get("manager") or {}).get("value")))
    digests = sorted({digest(name, value) for name, value in named if value})
    return "".join(f" {each}" for each in digests)


def digest(name, value):
    said = f"{name} {fold(value)}".encode()
    return blake2b(said, digest_size=10).hexdigest()


class Migration(migrations.Migration):
    dependencies = [("organizations", "0006_add_keys_to_users")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
