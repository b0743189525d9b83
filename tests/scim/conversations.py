"""Conversations in `recorded/`: what a client says, and the whole of what it gets.

Values are invented; the shapes are those of the catalogue's rows, which each exchange
names. `{{name}}` stands for an id that was given before, `{{date}}`, `{{reference}}`,
`{{shown}}` and `{{base}}` for what differs from one run to the next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.test import Client

DIRECTORY = Path(__file__).parent / "recorded"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
REFERENCE = re.compile(r"Ref [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
SHOWN = re.compile(r'W/(\\*)"(\d+)-[0-9a-f]+')  # of other resources, with their ids
NAME = re.compile(r"\{\{(\w+)\}\}")
COMPARED = ("Content-Type", "Location", "ETag", "Allow", "WWW-Authenticate")

Document = dict[str, Any]


@dataclass
class Conversation:
    """A client at its end of the wire, with the ids it has been given."""

    client: Client
    ids: dict[str, str] = field(default_factory=dict)

    def answer(self, request: Document, remembered: str | None) -> Document:
        """Return what is answered, with names for what differs between two runs."""
        body = request.get("body")
        sent = self.client.generic(
            request["method"],
            self._with_ids(request["path"]),
            self._with_ids(orjson.dumps(body).decode()) if body is not None else "",
            content_type=request.get("headers", {}).get("Content-Type", ""),
            headers={
                name: value
                for name, value in request.get("headers", {}).items()
                if name != "Content-Type"
            },
        )
        if remembered:
            self.ids[remembered] = sent.json()["id"]
        headers = {name: sent[name] for name in COMPARED if name in sent}
        answered = {"status": sent.status_code, "headers": headers}
        if sent.content:
            answered["body"] = sent.json()
        read: Document = orjson.loads(self._with_names(orjson.dumps(answered).decode()))
        return read

    def _with_ids(self, text: str) -> str:
        return NAME.sub(lambda name: self.ids.get(name[1], name[0]), text)

    def _with_names(self, text: str) -> str:
        for name, value in self.ids.items():
            text = text.replace(value, f"{{{{{name}}}}}")
        text = text.replace(settings.BASE_URL, "{{base}}")
        text = DATE.sub("{{date}}", text)
        text = SHOWN.sub(r'W/\1"\2-{{shown}}', text)
        return REFERENCE.sub("Ref {{reference}}", text)


def files() -> list[Path]:
    return sorted(DIRECTORY.rglob("*.json"))


def read(file: Path) -> Document:
    said: Document = orjson.loads(file.read_bytes())
    return said
