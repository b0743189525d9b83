"""How the outbox is doing: `manage.py audit_status --json`."""

import json

from django.core.management.base import BaseCommand, CommandParser

from chatwork_admin.audit.models import AuditDelivery, AuditEvent


class Command(BaseCommand):
    requires_system_checks = ()  # they load every page: seconds for nothing
    help = "Count audit events, deliveries still owed, and deliveries given up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: object, **options: object) -> None:
        state = AuditDelivery.State
        counts = {
            "events": AuditEvent.objects.count(),
            "pending": AuditDelivery.objects.filter(state=state.PENDING).count(),
            "dead": AuditDelivery.objects.filter(state=state.DEAD).count(),
        }
        if options["json"]:
            self.stdout.write(json.dumps(counts))
            return
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count}")
