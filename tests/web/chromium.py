"""The system's Chromium, which the browser tests drive."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"

ARGUMENTS = [
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-gpu",
    "--use-angle=swiftshader",  # WebGL without a graphics card
    "--enable-unsafe-swiftshader",
]


class NoChromium(Exception):
    """There is none, and it could not be installed."""


def find_chromium() -> str:
    """Its path. Root on Debian and its kin gets it from the distribution, as a fresh CI machine does.

    Raises:
        NoChromium: with what to install.
    """
    found = _installed()
    if found is None and _may_install():
        _install()
        found = _installed()
    if found is None:
        raise NoChromium(
            f"The browser tests need Chromium or Google Chrome ({', '.join(NAMES)}) in the PATH. "
            "On Debian and Ubuntu: apt-get install chromium. On macOS: brew install --cask google-chrome."
        )
    return found


def _installed() -> str | None:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or (MACOS if sys.platform == "darwin" and shutil.which(MACOS) else None)


def _may_install() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]):
        ended = subprocess.run(command, env=environment, capture_output=True, text=True)
        if ended.returncode:
            raise NoChromium(f"`{' '.join(command)}` failed; the browser tests need Chromium.\n{ended.stderr[-2000:]}")
