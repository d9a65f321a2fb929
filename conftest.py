"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The first brings the fixtures that addons/template is tested with, as it does where the template
# is alone; the second brings those that core/tests and tests share.
pytest_plugins = ["flatbed.addon.testing", "core.tests.gates"]

# A machine may be slow, and busy with other tests: no time of it says that something is wrong.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
