"""Notes each secret that Python's own `secrets` makes in a process of the product.

Python imports this by itself where PYTHONPATH leads here. It knows nothing of the
product: each line of the file that ISSUED names says which code asked, and what it got.
"""

import json
import os
import secrets
import sys
from collections.abc import Callable
from functools import wraps

FILE = os.open(os.environ["ISSUED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
Make = Callable[..., str | bytes]


def noted(make: Make) -> Make:
    @wraps(make)
    def wrapper(*arguments: int) -> str | bytes:
        made = make(*arguments)
        asked_by = sys._getframe(1).f_code.co_filename
        if asked_by != secrets.__file__:  # token_urlsafe asks token_bytes
            said = made.hex() if isinstance(made, bytes) else made
            line = {"by": asked_by, "is_hex": said != made, "made": said}
            os.write(FILE, f"{json.dumps(line)}\n".encode())
        return made

    return wrapper


for name in ("token_bytes", "token_hex", "token_urlsafe"):
    setattr(secrets, name, noted(getattr(secrets, name)))
