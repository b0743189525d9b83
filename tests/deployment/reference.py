"""Writes docs/reference/ from the code: `python -m tests.deployment.reference`."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import override

from chatwork_admin.audit.actions import Action
from chatwork_admin.portal.help.error_codes import ERROR_CODES
from scim import limits
from tests.deployment import conformance, reference_limits
from tests.deployment.production import PROJECT

DIRECTORY = PROJECT / "docs" / "reference"
SETTINGS = "chatwork_admin/settings"
ERRORS = PROJECT / "scim" / "errors.py"
PACKAGES = ("chatwork_admin", "saml_sso", "scim")
GENERATED = (
    "<!-- Written by `python -m tests.deployment.reference`; a test compares. -->\n"
)

MEANINGS = {
    "ALLOWED_HOSTS": "Host names that requests may be addressed to, separated by "
    "commas. The container's health check needs `127.0.0.1` among them.",
    "ADMINISTRATOR_IDLE_MINUTES": "After how many minutes without a request the session "
    "of an administrator or user manager ends.",
    "BASE_URL": "The address that people and Entra ID use, such as "
    "`https://admin.example.jp`. With `https`, cookies are secure and browsers are "
    "told to stay with it (HSTS).",
    "DATABASE_ROLE": "The role that each connection takes. Empty for migrations, which "
    "run as the owner.",
    "DATABASE_URL": "`postgresql://user:password@host:port/database`, PostgreSQL 15 or "
    "newer.",
    "EMAIL_FROM": "The sender of mails, such as `Chatwork Admin <admin@example.jp>`. "
    "Empty: `noreply` at the host of `BASE_URL`.",
    "EMAIL_URL": "Who takes mails: `smtp://user:password@host:port` (with STARTTLS, or "
    "without by `?tls=no`), or `smtps://…`. Special characters in user and password are "
    "percent-encoded. Outside production, `file:/directory` or `console:` write mails down "
    "instead; `make serve` and `make demo` do so in `.data/mail/`.",
    "ENCRYPTION_KEYS": "What encrypts secrets in the database, such as those of one-time "
    "codes: at least 50 random characters. Several, separated by commas: the first one "
    "encrypts, all of them decrypt.",
    "ENVIRONMENT": "`production`, `development` or `test`. Demonstrations refuse to run "
    "in `production`.",
    "MEMBER_IDLE_MINUTES": "After how many minutes without a request the session of "
    "anybody else ends.",
    "OAUTH_GALLERY_CLIENT_ID": "The client ID that is registered with Microsoft for the "
    "application in Entra's gallery. Empty: there is none.",
    "OAUTH_GALLERY_SECRETS": "Its client secret; several, separated by commas, while one "
    "replaces another. At least 32 random characters each.",
    "OAUTH_INTROSPECTION_SECRETS": "What services of this installation prove themselves by "
    "where they ask what an access token is good for, separated by commas: at least 32 "
    "random characters each. Empty: nobody is told.",
    "OAUTH_KEY_HOSTS": "Host names, beside Microsoft's, that the keys of workload "
    "identities may be fetched from, separated by commas. They must be on the internet, "
    "and answer https on port 443.",
    "OAUTH_REDIRECT_URIS": "Where the answer to *Authorize* may be brought, separated by "
    "commas, letter for letter. They begin with `https://` in production.",
    "REDIS_URL": "Where messages that wake up workers go. Empty: no worker and no beat; "
    "the relay delivers by itself.",
    "SAML_METADATA_HOSTS": "Host names, beside Microsoft's, that SAML metadata may be "
    "fetched from, separated by commas. They must be on the internet, and answer https "
    "on port 443.",
    "SAML_SP_CERTIFICATE": "The certificate of `SAML_SP_KEY`, in the same form. "
    "Identity providers get it with our metadata.",
    "SAML_SP_KEY": "The key that signs what we send to identity providers, and decrypts "
    "what they encrypt to us: RSA of 2048 bits or more, without a password, as PEM or as "
    "the base64 of it in one line.",
    "SAML_SP_OTHER_CERTIFICATE": "The certificate of `SAML_SP_OTHER_KEY`.",
    "SAML_SP_OTHER_KEY": "The next key, or the last one, while a new one takes over: it "
    "decrypts and is in our metadata, but does not sign.",
    "REQUIRE_SECOND_FACTOR": "Whether a password alone is not enough to confirm what "
    "lets people in or out: a one-time code of an app, a security key, or SAML, is asked "
    "for as well. "
    "`make serve` and `make demo` do without.",
    "SAML_RECHECK_HOURS": "After how many hours a person who came by SAML is asked for "
    "again, silently (`IsPassive`), before the next page opens. 0: never.",
    "SAML_STAND_INS": "Identity providers that are played on a developer's machine, such "
    "as `http://127.0.0.1:8443`, separated by commas: their addresses are accepted "
    "although they are neither public nor https. Must be empty in production.",
    "SCIM_BURST": "How many requests each organization may send at once after a pause: "
    "100 or more. 0, outside production only: there is no limit.",
    "SCIM_RATE": "How many requests per second each organization may send in the long "
    "run: 25 or more, which Entra ID wants without a refusal. Beyond it requests wait a "
    "little, and are then answered with `CW-RATE-1`. 0, outside production only: there "
    "is no limit.",
    "SECRET_KEY": "Signs sessions and forms. At least 50 random characters.",
    "SECRET_KEY_FALLBACKS": "Former values of `SECRET_KEY` that are still accepted, "
    "separated by commas.",
    "SESSION_HOURS": "After how many hours every session ends, used or not.",
    "SYNC_REQUIRE_SAML_TEST": "Whether user synchronization is enabled only after the "
    "organization administrator has tested the SAML sign-in with its present settings.",
    "TOKEN_PEPPER": "Key of the hashes of access tokens and sessions. Another value ends "
    "every one of them.",
    "TRUSTED_PROXIES": "How many proxies in front append to `X-Forwarded-For`, with "
    "or without a port. With 1 or more, the nearest one must also set `X-Forwarded-Proto` itself.",
    "DATA_DIRECTORY": "Where `make serve` and `make demo` keep their data.",
    "PG_BIN": "A directory with the programs of PostgreSQL to use instead.",
    "PORT": "The port of `make serve` and `make demo`.",
    "REDIS_BIN": "A Redis server program to use instead.",
    "ADMINISTRATOR_PASSWORD": "The password for `manage.py create_organization`.",
    "STAFF_MEMBER_PASSWORD": "The password for `manage.py create_staff_member`.",
}
ELSEWHERE_DEFAULTS = {"DATA_DIRECTORY": "`.data`", "PORT": "`8000`"}
KINDS = {
    "text": "text",
    "words": "words with commas",
    "number": "whole number",
    "rate": "whole number",
    "flag": "`true` or `false`",
    "mail_server": "address",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable that the settings read."""

    name: str
    kind: str
    default: str


def pages() -> dict[str, str]:
    """Return each generated page by its file name."""
    return {
        "settings.md": settings_page(),
        "audit-actions.md": audit_actions_page(),
        "error-codes.md": error_codes_page(),
        "scim-conformance.md": conformance.page(GENERATED),
        "scim-limits.md": reference_limits.page(GENERATED),
    }


def settings_page() -> str:
    read_by_settings = [
        [f"`{each.name}`", each.kind, each.default, MEANINGS[each.name]]
        for each in variables()
    ]
    known = {each.name for each in variables()}
    elsewhere = [
        [f"`{name}`", ELSEWHERE_DEFAULTS.get(name, "–"), MEANINGS[name]]
        for name in sorted(read_elsewhere() - known)
    ]
    return (
        "# Settings\n\n"
        f"{GENERATED}\n"
        "The environment is the only difference between machines. Each variable of the "
        "first table\nmay instead be given as a file: `NAME_FILE` holds its path. A "
        "variable without a default must\nbe given; otherwise the process stops and "
        "names it. Beside a running `make serve` or `make demo`,\nwhat is missing is "
        "taken from `.data/environment`.\n\n"
        f"{_table(['Variable', 'Form', 'Default', 'Meaning'], read_by_settings)}\n"
        "## For the launcher and commands\n\n"
        f"{_table(['Variable', 'Default', 'Meaning'], elsewhere)}"
    )


def audit_actions_page() -> str:
    recorders = _recorders()
    rows = [
        [f"`{action.value}`", _english(action.label), recorders.get(action.name, "–")]
        for action in sorted(Action, key=lambda each: each.value)
    ]
    return (
        "# Audit actions\n\n"
        f"{GENERATED}\n"
        "What can happen, as stored in `action` of an audit event. A value is never "
        "renamed. An action\nwithout a module is reserved: nothing records it yet.\n\n"
        f"{_table(['Action', 'Meaning', 'Recorded in'], rows)}"
    )


def error_codes_page() -> str:
    answers = answered()
    rows = [
        [
            f"`{each.code}`",
            answers.get(each.code) or f"{each.status} (not answered yet)",
            _english(each.situation),
            _english(each.meaning),
            _english(each.actor.label),
        ]
        for each in ERROR_CODES
    ]
    head = ["Code", "HTTP status, scimType", "Situation", "What to do", "Who acts"]
    return (
        "# Error codes\n\n"
        f"{GENERATED}\n"
        "An error of the SCIM interface carries `detail` of the form `CW-CODE: text Ref "
        "REFERENCE`. The\nreference is also the header `X-Request-Id`. The portal "
        "explains each code in English and\nJapanese under `/help/errors/`. "
        "The organization's audit log finds by the\nreference what was refused of a client "
        f"that is let in: the first {limits.MAX_RECORDED:,} of each code in an\nhour. The last of "
        "them says that it is the last; what follows is counted only. What the client is to\n"
        "repeat (408, 429, 500, 503) is not among them.\n\n"
        f"{_table(head, rows)}"
    )


def variables() -> list[Variable]:
    """Return what the settings ask `env` for, by name."""
    calls = (each for file in _files(SETTINGS) for each in _calls(file, r"env\.\w+"))
    return sorted(map(_variable, calls), key=lambda each: each.name)


def read_elsewhere() -> set[str]:
    """Return the variables that other modules read from the environment."""
    found = set()
    for file in _files("chatwork_admin"):
        text = file.read_text(encoding="utf-8")
        found |= set(re.findall(r'environ\.get\("([A-Z_]+)"', text))
        found |= set(re.findall(r'^VARIABLE = "([A-Z_]+)"$', text, re.MULTILINE))
    return found - {"PATH"}


def _variable(call: ast.Call) -> Variable:
    assert isinstance(call.func, ast.Attribute)
    given = [ast.literal_eval(argument) for argument in call.args]
    given += [ast.literal_eval(keyword.value) for keyword in call.keywords]
    name, *rest = given
    default = _shown(rest[0]) if rest and rest[0] is not None else "must be given"
    if call.func.attr == "words" and not rest:
        default = "empty"
    return Variable(name, KINDS[call.func.attr], default)


def _shown(value: object) -> str:
    return "empty" if value == "" else f"`{value}`"


def _calls(file: Path, function: str) -> Iterator[ast.Call]:
    """Find the calls of what the pattern `function` matches, in a file."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and re.fullmatch(
            function, ast.unparse(node.func)
        ):
            yield node


def _recorders() -> dict[str, str]:
    """Return, by the name of the action, the modules that record it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in [file for package in PACKAGES for file in _files(package)]:
        text = file.read_text(encoding="utf-8")
        if not re.search(
            r"\b(record(?:_of|ed)?|(?:rejections|refusals)\.note|Wanted)\(", text
        ):
            continue  # it only looks
        for name in re.findall(r"\bAction\.([A-Z_]+)", text):
            found[name].add(f"`{file.relative_to(PROJECT).as_posix()}`")
    return {name: ", ".join(sorted(modules)) for name, modules in found.items()}


def answered() -> dict[str, str]:
    """Return, by code, with which HTTP statuses and SCIM types scim answers."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for call in _calls(ERRORS, "Answer"):
        status, scim_type, code = map(ast.literal_eval, call.args[:3])
        found[code].add(f"{status} {scim_type or ''}".strip())
    return {code: ", ".join(sorted(words)) for code, words in found.items()}


def _files(package: str) -> Iterator[Path]:
    for file in sorted((PROJECT / package).rglob("*.py")):
        if "migrations" not in file.parts:
            yield file


def _english(text: str | Promise) -> str:
    with override("en"):
        return str(text)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    if not settings.configured:
        settings.configure(USE_I18N=False)  # texts as the code words them
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (DIRECTORY / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
