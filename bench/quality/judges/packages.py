"""Files inside installed packages, found without running the packages' own code."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path


def folder_of(package: str) -> Path:
    """Return the folder of an installed package.

    Raises:
        ModuleNotFoundError: If it is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    return Path(next(iter(spec.submodule_search_locations)))


def join_parts(parts: list[Path], target: Path) -> Path:
    """Write files one after another into one, unless it is there with the right size already.

    Args:
        parts (list[Path]):
            The pieces in order.
        target (Path):
            Where the whole goes; written beside its place and renamed.

    Returns:
        ``target``.
    """
    size = sum(part.stat().st_size for part in parts)
    if not target.exists() or target.stat().st_size != size:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f"{target.name}.{os.getpid()}")
        with open(unfinished, "wb") as whole:
            for part in parts:
                with open(part, "rb") as piece:
                    shutil.copyfileobj(piece, whole)
        unfinished.rename(target)
    return target
