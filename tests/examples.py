"""How many inputs hypothesis invents where each costs a request or a transaction."""

from hypothesis import HealthCheck, settings

# A quarter of what the profile says (see conftest.py); each run invents others.
DEAR = settings(
    max_examples=settings().max_examples // 4,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
