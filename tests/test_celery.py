"""Celery knows every task that it is to start from time to time."""

from chatwork_admin.celery import app


def test_what_is_done_from_time_to_time_exists() -> None:
    app.loader.import_default_modules()

    for planned in app.conf.beat_schedule.values():
        assert planned["task"] in app.tasks
