"""Where the demo's Entra ID signs people in: at the same address in each run.

The product keeps that address in the settings of SAML, whichever PORT it has itself.
"""

import socket
from pathlib import Path

from chatwork_admin.embedded.children import CannotStart
from chatwork_admin.supervisor.commands import HOST


def sign_in_port(known: Path, port: int) -> int:
    """Return the port of the first run, which was this one if there was none.

    `known`: what Entra ID remembers between runs. Raises CannotStart if it is taken.
    """
    kept = known / "sign-in-port"
    if not kept.exists():
        known.mkdir(parents=True, exist_ok=True)
        kept.write_text(str(port), encoding="utf-8")
    first = int(kept.read_text(encoding="utf-8"))
    try:
        socket.create_server((HOST, first)).close()
    except OSError as error:
        raise CannotStart(
            f"port {first} is taken ({error}), where people sign in with Entra ID: "
            "free it, or begin anew with make demo-reset"
        ) from error
    return first
