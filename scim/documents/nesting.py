"""A resource whose keys are paths, as RFC 7643 nests it. Pure.

Entra writes such keys in a PATCH without a path (F6). Who writes a POST or a PUT in the
same way means the same by them, and loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scim2_models import InvalidPathException
from scim2_models.path import FilterNode, LogicalExpr, LogicalOperator

from scim.documents import bounds, dialects, messages, paths
from scim.documents.schemas import ENTERPRISE_USER, EXTENSION, Document, ResourceType

MARKS = frozenset(".:[")


def nested(resource_type: ResourceType, sent: Mapping[str, object]) -> Document:
    """Return what a resource says, each attribute where its schema has it.

    What names nothing here stays as it is. Raises InvalidSyntaxException,
    InvalidPathException, InvalidFilterException, PayloadTooLargeException.
    """
    whole: Document = {}
    entries: list[tuple[str, paths.Target, object]] = []
    names = 0
    for key, value in _keys(resource_type, sent):
        target = _target(resource_type, key)
        names += 1 if target else 1 + names_in(value)
        bounds.require_few_names(names)
        if target is not None and target.filter is not None:
            entries.append((key, target, value))
        else:
            _put(whole, (key,) if target is None else _place(target), value, key)
    for key, target, value in entries:  # last, for they may add to what is listed
        _put_entry(whole, target, value, key)
    return whole


def require_once(said: Document, target: paths.Target, value: object, key: str) -> None:
    """Add to what was `said` what one more key says.

    Raises InvalidSyntaxException where another has said something else of the same.
    """
    if target.filter is None:
        spelt = messages.lowered(value) if isinstance(value, dict) else value
        _put(said, tuple(name.lower() for name in _place(target)), spelt, key)


def names_in(value: object) -> int:
    """Count the names in what may be an extension that is not known here."""
    below = value.values() if isinstance(value, dict) else ()
    return len(below) + sum(map(names_in, below))


def _keys(
    resource_type: ResourceType, sent: Mapping[str, object], prefix: str = ""
) -> Iterator[tuple[str, object]]:
    """Yield attributes; those of a schema below its URN, as F17 has them."""
    for name, value in sent.items():
        key = prefix + dialects.entra_malformed_schema(name)
        is_schema = not prefix and paths.is_schema(resource_type, key)
        if is_schema and isinstance(value, dict):
            yield from _keys(resource_type, value, f"{key}:")
        else:
            yield key, value


def _place(target: paths.Target) -> tuple[str, ...]:
    """Return the names on the way to an attribute."""
    attribute, part = target.attribute, target.sub_attribute
    is_extended = EXTENSION.get(attribute.name.lower()) is attribute
    place = (ENTERPRISE_USER, attribute.name) if is_extended else (attribute.name,)
    return (*place, part.name) if part else place


def _target(resource_type: ResourceType, key: str) -> paths.Target | None:
    known = resource_type.attributes.get(key.lower())
    if known is not None:
        return paths.Target(key, known)
    is_bare = key.lower() in EXTENSION  # F18
    if not is_bare and MARKS.isdisjoint(key):
        return None
    try:
        return paths.target(resource_type, key)
    except InvalidPathException:
        if "[" in key:  # it means to be a path
            raise
        return None


def _put(whole: Document, place: tuple[str, ...], said: object, key: str) -> None:
    *above, name = place
    holder = whole
    for each in above:
        holder = holder.setdefault(each, {})
        if not isinstance(holder, dict):
            raise messages.twice(key)
    present = holder.get(name)
    match present, said:
        case None, _ if name not in holder:
            holder[name] = dict(said) if isinstance(said, dict) else said
        case dict(), dict():
            for inner, value in said.items():
                _put(present, (inner,), value, f"{key}.{inner}")
        case _ if present != said:  # OneLogin's template says some twice (L8)
            raise messages.twice(key)


def _put_entry(whole: Document, target: paths.Target, value: object, key: str) -> None:
    """F11: `emails[type eq "work"].value` says a part of the entry with that type."""
    described = _described(target.filter, key)
    said = {target.sub_attribute.name: value} if target.sub_attribute else value
    listed = whole.get(target.attribute.name) or []
    if not isinstance(said, dict) or not isinstance(listed, list):
        raise messages.twice(key)
    meant = [
        each for each in listed if isinstance(each, dict) and _has(each, described)
    ]
    entry = meant[0] if meant else described
    if not said.keys().isdisjoint(entry.keys() - described.keys()):
        raise messages.twice(key)
    others = [each for each in listed if each is not entry]
    whole[target.attribute.name] = [*others, {**entry, **said}]


def _described(node: FilterNode | None, key: str) -> Document:
    is_and = isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_
    terms = node.terms if isinstance(node, LogicalExpr) and is_and else [node]
    described = dict(paths.equality(term) for term in terms if term is not None)
    if "" in described:
        raise InvalidPathException(
            detail=f'"{key[: messages.MOST_OF_NAME]}" describes no value; compare by eq'
        )
    return described


def _has(entry: Document, described: Document) -> bool:
    said = {name.lower(): str(value).lower() for name, value in entry.items()}
    return all(said.get(n) == str(value).lower() for n, value in described.items())
