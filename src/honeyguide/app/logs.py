"""What the processes say of themselves."""

import logging

from honeyguide.settings import Settings


def configure_logging(settings: Settings) -> None:
    """One line an event, on standard error. Never bodies, addresses or keys."""
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", datefmt="%H:%M:%S"
    )
    for chatty in ("mail.log", "pgqueuer", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
