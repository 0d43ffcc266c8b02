"""Writes docs/reference/openapi.json: `python -m honeyguide.web.openapi docs/reference/openapi.json`."""

import json
import sys
from pathlib import Path

from honeyguide.settings import Settings
from honeyguide.web.server import create_api, openapi


def main(path: str) -> None:
    """Write the document."""
    document = openapi(create_api(None, Settings.load({})))
    Path(path).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
