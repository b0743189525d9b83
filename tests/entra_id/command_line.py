"""The options of `python -m tests.entra_id`."""

import argparse
from pathlib import Path

from tests.entra_id.dialects import Dialect
from tests.entra_id.mapping import MAPPINGS

TOKEN_VARIABLE = "ENTRA_ID_TOKEN"
SECRET_VARIABLE = "ENTRA_ID_CLIENT_SECRET"
SUBJECT = "0f3a5e0c-4a5e-4c1b-9c0e-1d8f5a1d2c3b"
_DATA = Path(__file__).parent / "data"
_STATE = Path(".data/entra-id")


def parse_options(arguments: list[str] | None) -> argparse.Namespace:
    """Parse the arguments; `command` is the name of the chosen command."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.entra_id",
        description="A stand-in for Microsoft Entra ID: it provisions a directory over SCIM.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    cycle = commands.add_parser("cycle", help="run one provisioning cycle")
    test = commands.add_parser("test-connection", help='press "Test Connection"')
    for command in (cycle, test):
        _add_connection(command)
    _add_cycle(cycle)
    _add_authorization(
        commands.add_parser("authorize", help='click "Authorize" for a browser'),
        is_required=True,
    )
    _add_metadata(
        commands.add_parser("metadata", help="write the federation metadata XML")
    )
    _add_generate(commands.add_parser("generate", help="invent a directory"))
    _add_identity_provider(
        commands.add_parser("identity-provider", help="serve the sign-in pages")
    )
    return parser.parse_args(arguments)


def _add_connection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scim-base", required=True, metavar="URL", help="the tenant URL"
    )
    parser.add_argument("--token", help=f"the secret token (or ${TOKEN_VARIABLE})")
    parser.add_argument("--token-file", type=Path, metavar="FILE")
    parser.add_argument(
        "--token-endpoint", metavar="URL", help="client credentials, instead of a token"
    )
    parser.add_argument("--client-id", help=f"its secret is ${SECRET_VARIABLE}")
    parser.add_argument(
        "--credentials-in", choices=["header", "body", "both"], default="both"
    )
    _add_workload(parser)
    _add_authorization(parser, is_required=False)
    parser.add_argument("--without-groups", action="store_true", help="map users only")
    parser.add_argument("--retries", type=int, default=3, metavar="N")
    parser.add_argument("--longest-wait", type=float, default=30.0, metavar="SECONDS")


def _add_workload(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--audience", metavar="URI", help="sign who it is for this, and send no secret"
    )
    parser.add_argument(
        "--subject", default=SUBJECT, metavar="ID", help="the service principal's"
    )
    parser.add_argument(
        "--folder", type=Path, default=_STATE, help="where the key is kept"
    )
    parser.add_argument(
        "--authority",
        default="http://127.0.0.1:8443",
        metavar="URL",
        help="where `identity-provider` serves the keys",
    )


def _add_authorization(parser: argparse.ArgumentParser, *, is_required: bool) -> None:
    parser.add_argument(
        "--registration",
        type=Path,
        required=is_required,
        metavar="FILE",
        help="what Microsoft knows of the application that is authorized",
    )
    parser.add_argument(
        "--refresh-token",
        type=Path,
        required=is_required,
        metavar="FILE",
        help="where what `authorize` was given is kept",
    )


def _add_cycle(parser: argparse.ArgumentParser) -> None:
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--initial", action="store_true")
    kind.add_argument("--incremental", action="store_true")
    kind.add_argument("--restart", action="store_true", help="forget all anchors first")
    parser.add_argument("--dialect", choices=[*Dialect], default=Dialect.LEGACY)
    parser.add_argument("--mapping", choices=[*MAPPINGS], default="gallery")
    parser.add_argument("--directory", type=Path, default=_DATA, metavar="DIR")
    parser.add_argument(
        "--state", type=Path, default=_STATE / "state.json", metavar="FILE"
    )
    parser.add_argument("--workers", type=int, default=1, metavar="N")
    parser.add_argument("--deletion-threshold", type=int, metavar="N")
    parser.add_argument(
        "--allow-deletions", action="store_true", help="release a held cycle"
    )
    parser.add_argument(
        "--end-quarantine", action="store_true", help="do not wait for it"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add_metadata(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder", type=Path, default=_STATE, help="where the key is kept"
    )
    parser.add_argument("--output", type=Path, metavar="FILE")
    parser.add_argument(
        "--without-mark", action="store_true", help="no byte order mark"
    )
    parser.add_argument(
        "--authority",
        metavar="URL",
        help="where people sign in, such as http://127.0.0.1:8443",
    )


def _add_generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--directory", type=Path, required=True, metavar="DIR")
    parser.add_argument("--users", type=int, default=324, metavar="N")
    parser.add_argument("--domain", default="example.jp", help="of all addresses")
    parser.add_argument("--seed", type=int, default=20_261_123)


def _add_identity_provider(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8443, metavar="N")
    parser.add_argument(
        "--tls", action="store_true", help="as login.microsoftonline.com"
    )
    parser.add_argument(
        "--folder", type=Path, default=_STATE, help="where the key is kept"
    )
    parser.add_argument("--directory", type=Path, default=_DATA, metavar="DIR")
    parser.add_argument(
        "--application",
        action="append",
        default=[],
        metavar="FILE_OR_URL",
        help="metadata of a service provider; may be given several times",
    )
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="EMAIL",
        help="somebody besides the directory; may be given several times",
    )
    options = ("assertion", "response", "both")
    parser.add_argument("--signing-option", choices=options, default="assertion")
    parser.add_argument("--groups", action="store_true", help="send the groups claim")
    parser.add_argument(
        "--signed-requests", action="store_true", help="require them (RSA-SHA256)"
    )
