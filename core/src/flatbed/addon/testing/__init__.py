"""What an add-on's own tests need; with `-p flatbed.addon.testing` also as fixtures of pytest.

`page`, `pages` and `make_page` are stored pages, `worker` calls hooks in a real worker process,
`service` is a real service. All of them use the add-on of the nearest `pyproject.toml` above the
test; another folder, or settings of its own, come from overriding `addon_folder`, `addon_config`.
"""

from flatbed.addon.testing.answer import Answer, StoredOutput
from flatbed.addon.testing.memory import MemoryPage, MemorySink, MemoryWriter
from flatbed.addon.testing.seams import AddonWorker, LiveService, MakePage, SamplePages

__all__ = [
    "AddonWorker",
    "Answer",
    "LiveService",
    "MakePage",
    "MemoryPage",
    "MemorySink",
    "MemoryWriter",
    "SamplePages",
    "StoredOutput",
]

# By name: neither pytest nor what stands behind the fixtures is loaded where only a sink is wanted.
pytest_plugins = ["flatbed.authoring.fixtures"]
