"""Print how many hostile messages each family has: `python -m tests.saml_sso.hostile`."""

from rich.console import Console
from rich.table import Table

from saml_sso.response_reasons import InvalidResponse
from saml_sso.responses import read_response
from tests.saml_sso.answering import acme, expectations
from tests.saml_sso.hostile import hostile_messages
from tests.saml_sso.hostile.target import HostileMessage


def main() -> None:
    table = Table("family", "messages", "refused for their own reason", "reasons")
    totals = [0, 0]
    for family, messages in hostile_messages(acme()).items():
        refused = sum(map(_is_refused_for_its_reason, messages))
        reasons = sorted({each.reason.value for each in messages})
        table.add_row(family, str(len(messages)), str(refused), ", ".join(reasons))
        totals = [totals[0] + len(messages), totals[1] + refused]
    table.add_section()
    table.add_row("all", *map(str, totals), "")
    Console().print(table)


def _is_refused_for_its_reason(message: HostileMessage) -> bool:
    try:
        read_response(message.form_value, expectations(**message.changes))
    except InvalidResponse as refused:
        return refused.reason is message.reason
    return False


if __name__ == "__main__":
    main()
