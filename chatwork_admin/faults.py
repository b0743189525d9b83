"""Our own faults, in the log: which, and where, but no value, for it may be personal."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)


def tell(error: Exception, message: str, *, reference: str = "") -> None:
    """Log an exception that nobody has foreseen, or that nobody but us can mend."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    code = frame.tb_frame.f_code if frame else None
    where = f"{code.co_filename}:{frame.tb_lineno}" if frame and code else ""
    said = {"exception": type(error).__name__, "at": where, "reference": reference}
    logger.error(message, extra=said)


def is_untold(record: logging.LogRecord) -> bool:
    """Whether Django's line about an answer is news: of SCIM's, `tell` has told."""
    request = getattr(record, "request", None)
    return not getattr(request, "path", "").startswith("/scim")
