"""The root command, and the one place where failures become sentences and exit codes."""

import importlib
import sys

import click
import msgspec

from honeyguide import __version__
from honeyguide.core.errors import HoneyguideError

# Where each command lives. It is imported when it is called: `up` must not carry what only the web process needs.
COMMANDS = {
    "up": "up:up",
    "serve": "serve:serve_command",
    "work": "work:work_command",
    "read": "read:read_command",
    "who": "look:who",
    "explain": "look:explain",
    "identity": "identity_pass:identity_group",
    "graph": "graph:graph_group",
    "import": "importing:import_files",
    "import-program": "programs_import:import_program_command",
    "mcp": "mcp:mcp_command",
    "autonomy": "autonomy:autonomy_group",
    "budget": "budgets:budget_group",
    "expert": "expert:expert",
    "ledger": "ledgers:books",
    "payouts": "payouts:payouts",
    "replay": "replays:replay",
    "doctor": "doctor:doctor_command",
    "playbook": "playbook:playbook_group",
    "program": "program:program_group",
    "eval": "evaluate:evaluate",
    "demo": "demo:demo",
    "source": "sources:source",
    "enrichment": "enriching:enriching",
    "model": "model:model",
    "suppression": "suppressions:suppressions",
    "dead-letters": "letters:dead_letters",
    "connector": "connectors:connector",
    "connection": "connect:connection",
    "operator": "setting_up:operator",
    "key": "setting_up:key",
    "workspace": "setting_up:workspaces",
    "prepare": "doctor:prepare_command",
}


class Lazy(click.Group):
    """A group that imports a command when it is called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        where = COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, _, name = where.partition(":")
        found = getattr(importlib.import_module(f"honeyguide.cli.{module}"), name)
        return found if isinstance(found, click.Command) else None


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="honeyguide")
def root() -> None:
    """Honeyguide: who is your best advocate now, what moves this person, when to ask.

    Start with `honeyguide up --demo`. Settings are environment variables (docs/reference/settings.md);
    HONEYGUIDE_DATA is the data folder (.honeyguide here unless told), HONEYGUIDE_PORT the port (8600).
    """


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
