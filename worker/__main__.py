"""`python -m worker`: work until told to stop."""

from __future__ import annotations

import asyncio
import os
import sys

import structlog

from longshore.errors import LongshoreError
from longshore.log import configure
from longshore.settings import Settings
from worker.run import run_worker


def main() -> int:
    settings = Settings()
    configure(settings.log_level)
    try:
        asyncio.run(run_worker(settings))
    except LongshoreError as error:
        structlog.get_logger().error("cannot start", code=error.code, reason=str(error), hint=error.hint)
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # The SDK's runtime can abort the interpreter while it exits on Python 3.11 and 3.12 (sdk-python issue 300).
    os._exit(code)
