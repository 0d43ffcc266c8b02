"""The root command, and the one place where failures become sentences and exit codes."""

import sys

import click
import msgspec

from honeyguide import __version__
from honeyguide.cli import look, running, setting_up
from honeyguide.core.errors import HoneyguideError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="honeyguide")
def root() -> None:
    """Honeyguide: who is your best advocate now, what moves this person, when to ask.

    Start with `honeyguide up --demo`. Settings are environment variables (docs/reference/settings.md);
    HONEYGUIDE_DATA is the data folder (.honeyguide here unless told), HONEYGUIDE_PORT the port (8600).
    """


for command in (*running.COMMANDS, *look.COMMANDS, *setting_up.COMMANDS):
    root.add_command(command)


def main() -> None:
    """Run the command line; exit code 1 with one sentence on an expected failure, 2 on wrong usage."""
    try:
        root(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as e:
        e.show()
        sys.exit(e.exit_code)
    except HoneyguideError as e:
        click.echo(f"honeyguide: {e.sentence()}", err=True)
        sys.exit(1)
    except (msgspec.ValidationError, PermissionError, FileNotFoundError) as e:
        click.echo(f"honeyguide: {e}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
