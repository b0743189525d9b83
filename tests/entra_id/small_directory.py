"""A directory of three users and one group, and the service that provisions it, for tests."""

from pathlib import Path

from tests.entra_id.client import ScimClient
from tests.entra_id.directory import Directory, Group, User
from tests.entra_id.provisioning import ProvisioningService, ProvisioningSettings
from tests.entra_id.small_target import BASE_URL, TOKEN, SmallTarget

HANAKO = User("h", "hanako@example.jp", job_title="部長", mail_nickname="hanako")
TARO = User("t", "taro@example.jp", job_title="主任", mail_nickname="taro", manager="h")
JIRO = User("j", "jiro@example.jp", mail_nickname="jiro", manager="h")
SALES = Group("g", "営業部", members=("h", "t"))
DIRECTORY = Directory.of([HANAKO, TARO, JIRO], [SALES])


def service_for(
    target: SmallTarget,
    folder: Path,
    settings: ProvisioningSettings | None = None,
) -> ProvisioningService:
    return ProvisioningService(
        client=ScimClient(
            BASE_URL, TOKEN, transport=target.transport, sleep=lambda _: None
        ),
        directory=DIRECTORY,
        state_file=folder / "state.json",
        settings=settings or ProvisioningSettings(),
    )
