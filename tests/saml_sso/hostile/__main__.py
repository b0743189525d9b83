"""Print how many hostile messages each family has: `python -m tests.saml_sso.hostile`."""

from dataclasses import replace

from rich.console import Console
from rich.table import Table

from saml_sso.messages.logout_messages import read_logout_request
from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason
from saml_sso.messages.responses import read_response
from tests.saml_sso.answering import acme, expectations, logout_expectations
from tests.saml_sso.hostile import hostile_messages
from tests.saml_sso.hostile.logouts import HostileQuery, hostile_logouts
from tests.saml_sso.hostile.target import HostileMessage


def main() -> None:
    families = {
        name: [(each.reason, _reason(each)) for each in messages]
        for name, messages in hostile_messages(acme()).items()
    }
    families["hostile logout requests"] = [
        (each.reason, _logout_reason(each)) for each in hostile_logouts(acme())
    ]
    table = Table("family", "messages", "refused for their own reason", "reasons")
    for name, pairs in families.items():
        table.add_row(
            name, *_counts(pairs), str(len({expected for expected, _ in pairs}))
        )
    every = [pair for pairs in families.values() for pair in pairs]
    table.add_section()
    table.add_row("all", *_counts(every), str(len({expected for expected, _ in every})))
    Console(width=110).print(table)


def _counts(
    pairs: list[tuple[ResponseReason, ResponseReason | None]],
) -> tuple[str, str]:
    return str(len(pairs)), str(sum(expected is found for expected, found in pairs))


def _reason(message: HostileMessage) -> ResponseReason | None:
    try:
        read_response(message.form_value, expectations(**message.changes))
    except InvalidResponse as refused:
        return refused.reason
    return None


def _logout_reason(message: HostileQuery) -> ResponseReason | None:
    expected = replace(logout_expectations(), **message.changes)  # type: ignore[arg-type]
    try:
        read_logout_request(message.query, expected)
    except InvalidResponse as refused:
        return refused.reason
    return None


if __name__ == "__main__":
    main()
