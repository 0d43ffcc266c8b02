"""The commands for experts: conformance for anybody's expert, and who sits on the panel."""

from pathlib import Path

from click.testing import CliRunner

from honeyguide.cli.main import root

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "expert_in_40_lines" / "expert.py"


def test_the_example_conforms_by_the_command_anybody_can_run() -> None:
    done = CliRunner().invoke(root, ["expert", "check", f"{EXAMPLE}:ThankYouFirst"])
    assert done.exit_code == 0, done.output
    assert "conforms" in done.output


def test_an_expert_that_does_not_conform_fails(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text(
        "from honeyguide.decisions.expert import Proposal\n"
        "class Bad:\n    name, version = 'bad-one', '1'\n"
        "    def propose(self, context, legal):\n        return Proposal({'bribe': 1.0}, 'trust me')\n"
    )
    done = CliRunner().invoke(root, ["expert", "check", f"{bad}:Bad"])
    assert done.exit_code == 1
    assert "exactly the legal actions" in done.output
    assert CliRunner().invoke(root, ["expert", "check", "nothing"]).exit_code == 1


def test_the_panel_is_listed() -> None:
    done = CliRunner().invoke(root, ["expert", "list"])
    assert [line.split()[0] for line in done.output.splitlines()][:4] == ["science", "strategy", "vertical", "language"]
