"""What pyproject.toml cannot say: a wheel also carries the source tree's settings and checkpoints.

They stay at the source tree's top, where a user looks for them, and lie in the wheel below ``scheduler_core/packaged``,
where ``scheduler_core/settings/locations.py`` finds them if there is no source tree.
"""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PACKAGED = (".streamlit/config.toml", "configs/**/*.yaml", "models/ACTIVE", "models/MANIFEST", "models/*/*.*")


class BuildWithSettings(build_py):
    """Copies the files beside the packages, except into an editable installation, which reads them where they are."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for file, target in self._packaged().items():
                self.mkpath(str(Path(target).parent))
                self.copy_file(file, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        return [*super().get_outputs(include_bytecode), *self._packaged().values()]

    def _packaged(self) -> dict[str, str]:
        files = [file for pattern in PACKAGED for file in sorted(Path().glob(pattern)) if file.is_file()]
        return {str(file): str(Path(self.build_lib, "scheduler_core", "packaged", file)) for file in files}


setup(cmdclass={"build_py": BuildWithSettings})
