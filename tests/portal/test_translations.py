"""The Japanese texts: all there, none doubtful, and compiled as they are written.

The texts are collected from templates and code by hand: xgettext is not needed here.
"""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import polib  # type: ignore[import-untyped]  # it ships none
from django.utils.translation.template import templatize

LOCALE = Path("locale/ja/LC_MESSAGES")
CATALOGUE = polib.pofile(str(LOCALE / "django.po"))
KNOWN = {(entry.msgctxt, entry.msgid): entry for entry in CATALOGUE}
PACKAGES = ("chatwork_admin", "saml_sso", "scim")
OWN_CATALOGUE = Path("chatwork_admin/support")  # its texts are beside it
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "pgettext_lazy"}
OF_A_TEMPLATE = re.compile(
    r"""\b(n?gettext|p?gettext|_)\((u?'(?:\\.|[^'\\])*'|u?"(?:\\.|[^"\\])*")"""
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


def texts_of_code() -> Iterator[tuple[str | None, str]]:
    for package in PACKAGES:
        for file in Path(package).rglob("*.py"):
            if file.is_relative_to(OWN_CATALOGUE):
                continue
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    yield from texts_of_call(node.func.id, node)


def texts_of_call(name: str, node: ast.Call) -> Iterator[tuple[str | None, str]]:
    if name not in CALLS or not isinstance(node.args[0], ast.Constant):
        return
    values = [str(each.value) for each in node.args if isinstance(each, ast.Constant)]
    yield (values[0], values[1]) if name.startswith("p") else (None, values[0])


def texts_of_templates() -> Iterator[tuple[str | None, str]]:
    files = (
        f for kind in ("html", "txt") for f in Path("templates").rglob(f"*.{kind}")
    )
    for file in files:
        code = templatize(file.read_text(encoding="utf-8"))
        for _, literal in OF_A_TEMPLATE.findall(code):
            yield None, ast.literal_eval(literal)


def test_every_text_is_in_the_catalogue() -> None:
    found = {*texts_of_code(), *texts_of_templates()}
    assert len(found) > 400

    assert not {text for text in found if text not in KNOWN}


def test_every_text_is_translated_and_none_is_doubtful() -> None:
    assert not CATALOGUE.untranslated_entries()
    assert not CATALOGUE.fuzzy_entries()
    assert not CATALOGUE.obsolete_entries()


def keeps_placeholders(entry: polib.POEntry) -> bool:
    translated = entry.msgstr_plural.get(0, entry.msgstr)
    wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
    has_all = set(PLACEHOLDER.findall(translated)) == wanted
    return has_all and translated.count("#") == entry.msgid.count("#")


def test_a_translation_keeps_the_placeholders() -> None:
    assert [each.msgid for each in CATALOGUE if not keeps_placeholders(each)] == []


def test_the_compiled_catalogue_is_fresh() -> None:
    with (LOCALE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    for entry in CATALOGUE:
        if entry.msgid_plural:
            found = compiled.ngettext(entry.msgid, entry.msgid_plural, 2)
            assert found == entry.msgstr_plural[0]
        elif entry.msgctxt:
            assert compiled.pgettext(entry.msgctxt, entry.msgid) == entry.msgstr
        else:
            assert compiled.gettext(entry.msgid) == entry.msgstr
