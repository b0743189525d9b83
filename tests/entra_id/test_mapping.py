import pytest

from tests.entra_id.attribute_paths import (
    ENTERPRISE_USER,
    NotAPath,
    parse_path,
    read,
    write,
)
from tests.entra_id.directory import User
from tests.entra_id.mapping import FULL, GALLERY

TARO = User(
    object_id="11111111-1111-4111-8111-111111111111",
    user_principal_name="taro@example.jp",
    mail="yamada@example.jp",
    given_name="太郎",
    surname="山田",
    job_title="主任",
    department="営業部",
    company_name="株式会社みほん商事",
    mail_nickname="taro",
)


def test_the_gallery_maps_the_six_attributes_of_the_tutorial() -> None:
    assert GALLERY.attributes_of(TARO) == {
        "userName": "taro@example.jp",
        "active": True,
        "title": "主任",
        "externalId": TARO.object_id,
        f"{ENTERPRISE_USER}:department": "営業部",
        f"{ENTERPRISE_USER}:organization": "株式会社みほん商事",
    }


def test_the_default_mapping_takes_its_external_id_from_the_mail_nickname() -> None:
    attributes = FULL.attributes_of(TARO)

    assert attributes["externalId"] == "taro"
    assert attributes["name.formatted"] == "太郎 山田"
    assert attributes['emails[type eq "work"].value'] == "yamada@example.jp"


def test_a_null_is_not_mapped() -> None:
    assert "title" not in GALLERY.attributes_of(User("1", "jiro@example.jp"))


@pytest.mark.parametrize(
    "user",
    [
        User("1", "jiro@example.jp", account_enabled=False),
        User("1", "jiro@example.jp", is_soft_deleted=True),
    ],
)
def test_a_disabled_and_a_soft_deleted_user_are_inactive(user: User) -> None:
    assert GALLERY.attributes_of(user)["active"] is False


@pytest.mark.parametrize("path", [*FULL.rows, *GALLERY.rows])
def test_what_is_written_under_a_path_is_read_under_it(path: str) -> None:
    document: dict[str, object] = {}

    assert read(document, path) is None
    write(document, path, "髙橋")
    assert read(document, path) == "髙橋"


def test_a_path_of_another_form_is_refused() -> None:
    with pytest.raises(NotAPath):
        parse_path("emails[primary eq true].value")
