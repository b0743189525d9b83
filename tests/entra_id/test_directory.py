from pathlib import Path

import pytest

from tests.entra_id.command_line import parse_options
from tests.entra_id.directory import (
    Directory,
    Group,
    UnreadableDirectory,
    User,
    read_directory,
    write_directory,
)
from tests.entra_id.generate import generate_directory

DATA = Path(__file__).parent / "data"


def test_the_committed_directory_is_the_generated_one() -> None:
    assert read_directory(DATA) == generate_directory()


def test_the_committed_directory_is_large_and_odd_enough() -> None:
    directory = read_directory(DATA)
    names = "".join(user.display_name for user in directory.users.values())

    assert len(directory.users) >= 320
    assert len(directory.groups) == 12
    assert {"髙", "﨑", "𠮷"} <= set(names)
    assert any(not user.account_enabled for user in directory.users.values())


def test_names_are_unique_in_any_letter_case() -> None:
    directory = read_directory(DATA)

    names = {user.user_principal_name.lower() for user in directory.users.values()}
    assert len(names) == len(directory.users)


def test_managers_form_a_tree() -> None:
    users = read_directory(DATA).users
    for user in users.values():
        chain = [user.object_id]
        while users[chain[-1]].manager:
            chain.append(users[chain[-1]].manager)
            assert len(chain) < 10, "a circle"
        assert chain[-1] == next(iter(users))


def test_a_directory_survives_writing_and_reading(tmp_path: Path) -> None:
    user = User(
        "1", "o'neil+x@example.jp", display_name='"甲", 乙', account_enabled=False
    )
    directory = Directory.of([user], [Group("2", "営業部", members=("1",))])

    write_directory(directory, tmp_path)

    assert read_directory(tmp_path) == directory


def test_columns_may_be_missing_and_unknown_ones_are_ignored(tmp_path: Path) -> None:
    text = "\ufeffobjectId,userPrincipalName,shoeSize\n1,taro@example.jp,27\n"
    (tmp_path / "users.csv").write_text(text, encoding="utf-8")

    assert read_directory(tmp_path) == Directory.of([User("1", "taro@example.jp")])


def test_a_user_without_a_name_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("objectId\n1\n", encoding="utf-8")

    with pytest.raises(UnreadableDirectory):
        read_directory(tmp_path)


def test_a_folder_without_users_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDirectory):
        read_directory(tmp_path)


def test_purging_a_user_takes_him_out_of_his_groups() -> None:
    directory = Directory.of(
        [User("1", "a@example.jp"), User("2", "b@example.jp")],
        [Group("3", "x", "", ("1", "2"))],
    )

    assert directory.without_users("1").groups["3"].members == ("2",)


def test_the_dialect_is_named_as_in_the_tenant_url() -> None:
    options = parse_options(
        ["cycle", "--scim-base", "https://x/scim/v2", "--dialect", "aadOptscim062020"]
    )

    assert options.dialect == "aadOptscim062020"
