"""Types of the API for the page, from its OpenAPI schema; no server is needed.

`python -m web.schema` writes them, `python -m web.schema --check` says whether they are current.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from api.app import create_app
from longshore.settings import Settings
from web.npm import HERE, npm

TYPES = HERE / "src" / "api" / "schema.ts"


def generated() -> str:
    with tempfile.TemporaryDirectory() as folder:
        schema, types = Path(folder, "openapi.json"), Path(folder, "schema.ts")
        schema.write_text(json.dumps(create_app(Settings()).openapi(), sort_keys=True))
        if npm("exec", "--offline", "--", "openapi-typescript", str(schema), "--output", str(types), quiet=True):
            raise SystemExit("The types could not be generated; `make page` installs what that takes.")
        return types.read_text()


def main() -> int:
    text = generated()
    if "--check" not in sys.argv:
        TYPES.write_text(text)
    elif TYPES.read_text() != text:
        print("web/src/api/schema.ts is not what the API says: run `make types`, then `make check`.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
