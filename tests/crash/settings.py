"""Settings of a worker that is killed: the key a worker on another machine would be given, too. It is not in the database."""

import base64

from honeyguide.settings import Settings

WORKER_SETTINGS = Settings.load({
    "HONEYGUIDE_SECRET_KEY": base64.b64encode(b"k" * 32).decode(), "HONEYGUIDE_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
})  # fmt: skip
