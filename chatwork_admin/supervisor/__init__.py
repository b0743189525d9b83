"""The whole product on one machine: embedded servers, web, relay, worker and beat.

`python -m chatwork_admin.supervisor serve` starts it, keeps it alive and stops it;
`reset` removes its data. Production runs the same commands in containers instead.
"""

from chatwork_admin.supervisor.commands import commands
from chatwork_admin.supervisor.product import Product

__all__ = ["Product", "commands"]
