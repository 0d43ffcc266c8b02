"""Hatchling's hook: the console's assets are built when a package of Honeyguide is built."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_ASSETS = "/src/honeyguide/web/static/console"


def _web_build(root: str) -> ModuleType | None:
    path = Path(root) / "web" / "build.py"
    spec = importlib.util.spec_from_file_location("honeyguide_web_build", path)
    if not path.is_file() or spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds what is absent or stale, and takes the git-ignored result into the package."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for node as a wheel only where a build is due and the machine has none."""
        web = _web_build(self.root)
        if web is None or not web.is_wanted() or web.node_on_path() is not None:
            return []
        return [web.NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before hatchling collects the files; `version` is "standard" or "editable"."""
        web = _web_build(self.root)
        if web is not None:
            web.build()
        build_data.setdefault("artifacts", []).append(f"{_ASSETS}/**")
