"""The pytest plugin that says in which order xdist's workers take modules.

What takes long comes first, so that no worker is alone with it at the end; whatever runs
the whole product goes to one worker, which starts it once. Used with
`--dist loadfile --no-loadscope-reorder`.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

SHARED = "tests/running_product/"
LONG = (
    SHARED,
    "tests/browser/",
    "tests/web/",
    "tests/embedded/",
    "tests/supervisor/",
    "tests/test_",
    "tests/foreign_identity_providers/",
)


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # untyped library
    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        return SHARED if scope.startswith(SHARED) else scope


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Producer
) -> LoadFileScheduling | None:
    return Scheduling(config, log) if config.option.dist == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.nodeid))


def _turn(nodeid: str) -> int:
    return next(
        (turn for turn, start in enumerate(LONG) if nodeid.startswith(start)), len(LONG)
    )
