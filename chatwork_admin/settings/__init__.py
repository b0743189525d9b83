"""What the product is set to; the environment is the only difference between machines.

Each module says all of one subject. `docs/reference/settings.md` lists the variables.
Importing this starts nothing.
"""

from chatwork_admin.settings.application import *
from chatwork_admin.settings.browser import *
from chatwork_admin.settings.database import *
from chatwork_admin.settings.logs import *
from chatwork_admin.settings.machine import *
from chatwork_admin.settings.people import *
from chatwork_admin.settings.protocols import *
from chatwork_admin.settings.work import *
