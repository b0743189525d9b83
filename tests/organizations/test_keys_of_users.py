"""What the migration filled in is what the product derives."""

from __future__ import annotations

from importlib import import_module

import pytest

from chatwork_admin.synchronization.attributes import ENTERPRISE_USER, user_attributes

MIGRATION = import_module(
    "chatwork_admin.organizations.migrations.0007_fill_keys_of_users"
)


@pytest.mark.parametrize(
    "document",
    [
        {"userName": "a@x"},
        {"userName": "a@x", "displayName": "山田 Ｔaro", "title": "Straße"},
        {
            "userName": "a@x",
            "emails": [{"value": "B@x"}, {"type": "work"}, {"value": "a@x"}],
            ENTERPRISE_USER: {
                "department": "Sales",
                "organization": "HQ",
                "employeeNumber": "É1",
                "manager": {"value": "M"},
            },
        },
    ],
)
def test_old_rows_have_the_keys_of_new_ones(document: dict[str, object]) -> None:
    filled = MIGRATION.keys(document)

    columns = user_attributes(document).columns()
    assert filled == {name: columns[name] for name in filled}
    assert set(filled) == {
        name for name in columns if name.endswith(("_key", "_keys"))
    } - {"user_name_key"}
