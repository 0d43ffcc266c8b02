"""Static files: the console as Vite built it, and the two files of our own pages. Raw ASGI, no directory is ever listed."""

import mimetypes
from functools import lru_cache
from pathlib import Path

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from honeyguide.web.headers import nonce_of
from honeyguide.web.pages import asset, page

CONSOLE = Path(__file__).parent / "static" / "console"
_OWN = {
    "pages.css": "text/css; charset=utf-8",
    "portal.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
}
_FOREVER = "public, max-age=31536000, immutable"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
# The console's page carries this word where the nonce of its answer belongs.
NONCE_WORD = "__HONEYGUIDE_NONCE__"


@lru_cache(maxsize=256)
def _read(path: Path, changed: int) -> bytes:
    return path.read_bytes()


def _file(path: Path) -> bytes | None:
    try:
        status = path.stat()
        return _read(path, status.st_mtime_ns) if path.is_file() else None
    except (OSError, ValueError):
        return None


class Console:
    """Serves GET and HEAD for everything that is no API and no door."""

    def __init__(self, folder: Path = CONSOLE) -> None:
        self._folder = folder.resolve()

    def handles(self, scope: Scope) -> bool:
        """Is this a path of the console or of our pages' files?"""
        path: str = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            return False
        return path.startswith("/static/") or self._within(path) is not None or path in ("/", "/favicon.ico")

    def _within(self, path: str) -> Path | None:
        try:
            found = (self._folder / path.lstrip("/")).resolve()
            inside = path != "/" and found.is_relative_to(self._folder) and found.is_file()
        except (OSError, ValueError):
            return None
        return found if inside and found.suffix not in (".br", ".gz") and found.name != "index.html" else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the file, or with the console's page."""
        path: str = scope["path"]
        own = (
            path.removeprefix("/static/")
            if path.startswith("/static/")
            else "mark.svg"
            if path == "/favicon.ico"
            else ""
        )
        if own in _OWN:
            response = Response(asset(own), media_type=_OWN[own], headers={"cache-control": _FOREVER})
        elif own and self._within(path) is None:
            response = Response("There is no such file.", 404, media_type="text/plain")
        elif found := self._within(path):
            response = self._static(found, scope)
        else:
            response = self.index(scope)
        await response(scope, receive, send)

    def index(self, scope: Scope) -> Response:
        """The console's page with this answer's nonce, or how to build it."""
        found = _file(self._folder / "index.html")
        if found is None:
            return page("not_built.html")
        html = found.decode().replace(NONCE_WORD, nonce_of(scope))
        return HTMLResponse(html, headers={"cache-control": "no-cache"})

    def _static(self, found: Path, scope: Scope) -> Response:
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        # Vite puts a digest of the content into the names under assets/, and only there.
        hashed = found.is_relative_to(self._folder / "assets")
        headers = {"cache-control": _FOREVER if hashed else "no-cache", "vary": "accept-encoding"}
        accepted = dict(scope["headers"]).get(b"accept-encoding", b"").decode("latin-1")
        for encoding, ending in _ENCODINGS:
            packed = _file(found.with_name(found.name + ending)) if encoding in accepted else None
            if packed is not None:
                return Response(packed, media_type=kind, headers=headers | {"content-encoding": encoding})
        return Response(_file(found) or b"", media_type=kind, headers=headers)
