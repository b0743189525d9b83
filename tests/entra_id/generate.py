"""Makes the invented directory under `data/`, the same one for the same seed."""

import random
import uuid
from collections import Counter
from dataclasses import replace

from tests.entra_id.directory import Directory, Group, User
from tests.entra_id.invented_names import (
    COMPANIES,
    DEPARTMENTS,
    FOREIGNERS,
    GIVEN_NAMES,
    OFFICES,
    SURNAMES,
    TITLES,
)

DOMAIN = "example.jp"
_SEED = 20_261_123
_DISABLED_EVERY = 53


def generate_directory(
    number_of_users: int = 324, seed: int = _SEED, domain: str = DOMAIN
) -> Directory:
    """Invent users with a tree of managers, and the twelve groups of their company."""
    dice = random.Random(seed)
    taken: Counter[str] = Counter()
    nobodies = [_user(dice, taken, number, domain) for number in range(number_of_users)]
    people = _with_ranks([_with_place(dice, user) for user in nobodies])
    return Directory.of(people, _groups(dice, people))


def _user(dice: random.Random, taken: Counter[str], number: int, domain: str) -> User:
    given_name, surname, local_part = _name(dice, number)
    taken[local_part] += 1
    if taken[local_part] > 1:
        local_part = f"{local_part}{taken[local_part]}"
    address = f"{local_part}@{domain}"
    is_foreign = number < len(FOREIGNERS)
    return User(
        object_id=_object_id(dice),
        user_principal_name=address,
        mail=address,
        display_name=f"{given_name} {surname}"
        if is_foreign
        else f"{surname} {given_name}",
        given_name=given_name,
        surname=surname,
        employee_id=f"E{10_001 + number}",
        mail_nickname=local_part,
        preferred_language="en-US" if is_foreign else "ja-JP",
        account_enabled=number % _DISABLED_EVERY != _DISABLED_EVERY - 1,
    )


def _name(dice: random.Random, number: int) -> tuple[str, str, str]:
    if number < len(FOREIGNERS):
        return FOREIGNERS[number]
    surname, surname_in_latin = dice.choice(SURNAMES)
    given_name, given_name_in_latin = dice.choice(GIVEN_NAMES)
    return given_name, surname, f"{given_name_in_latin}.{surname_in_latin}"


def _with_place(dice: random.Random, user: User) -> User:
    names, weights = zip(*DEPARTMENTS, strict=True)
    city, region, postal_code, street = dice.choice(OFFICES)
    return replace(
        user,
        department=dice.choices(names, weights)[0],
        company_name=dice.choices(COMPANIES, (6, 3, 1))[0],
        city=city,
        state=region,
        postal_code=postal_code,
        street_address=street,
        country="JP",
        telephone_number=f"+81 3-5550-{dice.randrange(10_000):04}",
        mobile=f"+81 90-5550-{dice.randrange(10_000):04}"
        if dice.random() < 0.6
        else "",
    )


def _with_ranks(people: list[User]) -> list[User]:
    """Give titles and managers: president, heads of departments, and so on down."""
    president = replace(people[0], job_title="代表取締役社長", department="経営企画室")
    placed = [president]
    for department, _weight in DEPARTMENTS:
        members = [user for user in people[1:] if user.department == department]
        placed += _chain_of_command(members, president)
    return placed


def _chain_of_command(members: list[User], president: User) -> list[User]:
    if not members:
        return []
    head = replace(members[0], job_title="部長", manager=president.object_id)
    ranks, remaining = [[head]], members[1:]
    for title, number in [*TITLES, ("", len(remaining))]:
        rank, remaining = remaining[:number], remaining[number:]
        ranks.append(_reporting_to(ranks[-1], rank, title))
    return [user for rank in ranks for user in rank]


def _reporting_to(managers: list[User], people: list[User], title: str) -> list[User]:
    return [
        replace(
            user, job_title=title, manager=managers[place % len(managers)].object_id
        )
        for place, user in enumerate(people)
    ]


def _groups(dice: random.Random, people: list[User]) -> list[Group]:
    managers = {user.manager for user in people}
    chosen = {
        "全社員": [user.object_id for user in people],
        "管理職": [user.object_id for user in people if user.object_id in managers],
    }
    for department, _weight in DEPARTMENTS:
        chosen[department] = [
            one.object_id for one in people if one.department == department
        ]
    return [
        Group(_object_id(dice), name, f"group-{number:02}", tuple(members))
        for number, (name, members) in enumerate(chosen.items(), start=1)
    ]


def _object_id(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))
