"""Fills the product's database: organizations of every size, and strangers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import psycopg

from tests.bench import databases, organizations, product
from tests.bench.options import FOREIGN, Options
from tests.bench.organizations import Organization, slug_of
from tests.bench.product import Product
from tests.bench.servers import Server

FOREIGN_ORGANIZATIONS = 3


@dataclass(frozen=True, slots=True)
class Population:
    """The product as each organization of ours sees it, the compared one first."""

    servers: list[Server]
    compared: Organization
    template: str
    foreign: int


def populate(running: Product, web: Server, options: Options) -> Population:
    """Raises CannotStart."""
    own = _own(options)
    strangers = _strangers(options, len(own))
    tokens = {one.slug: running.found(one.slug) for one in [*own, *strangers]}
    servers = [
        replace(
            web,
            people=product.people_of(one),
            headers=product.headers(tokens[one.slug]),
        )
        for one in own
    ]
    user, group = product.create_templates(servers[0], own[0].slug)
    with psycopg.connect(running.database_url, autocommit=True) as connection:
        for one in [*own, *strangers]:
            organizations.fill(connection, user, one)
        organizations.fill_groups(connection, group)
    databases.settle(running.database_url)
    foreign = sum(one.size for one in [*own[1:], *strangers])
    return Population(servers, own[0], user, foreign)


def _own(options: Options) -> list[Organization]:
    others = [size for size in options.own_sizes if size != options.size]
    return [
        Organization(number, slug_of(number), size)
        for number, size in enumerate([options.size, *others])
    ]


def _strangers(options: Options, first: int) -> list[Organization]:
    size = options.size * FOREIGN // FOREIGN_ORGANIZATIONS
    numbers = range(first, first + FOREIGN_ORGANIZATIONS)
    return [Organization(number, slug_of(number), size) for number in numbers]
