"""Management commands of the running product, in one process: a start takes seconds.

Each line of its input is a command's words as JSON, each line of its output what the
command printed.
"""

import io
import json
import sys

import django
from django.core.management import call_command
from django.db import connections


def main() -> None:
    django.setup()
    for line in sys.stdin:
        printed = io.StringIO()
        call_command(*json.loads(line), stdout=printed)
        connections.close_all()
        print(json.dumps(printed.getvalue()), flush=True)


if __name__ == "__main__":
    main()
