"""The demo goes on by another PORT, or says why not."""

import socket
from pathlib import Path

import pytest

from chatwork_admin.embedded.children import CannotStart
from tests.demo.sign_in_port import sign_in_port


def test_people_sign_in_where_they_did_whichever_port_the_product_has(
    tmp_path: Path,
) -> None:
    known = tmp_path / "entra-id"
    with socket.create_server(("127.0.0.1", 0)) as free:
        first = free.getsockname()[1]

    assert [sign_in_port(known, each) for each in (first, first + 1)] == [first, first]
    with (
        socket.create_server(("127.0.0.1", first)),
        pytest.raises(CannotStart, match="make demo-reset"),
    ):
        sign_in_port(known, first)
