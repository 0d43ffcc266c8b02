"""A policy version: everything a decision depends on besides its situation. Kept for ever, so decisions replay."""

import hashlib
from datetime import datetime
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.decisions import brain
from honeyguide.decisions.propensity import FACTORS
from honeyguide.decisions.science import Catalogue
from honeyguide.decisions.science_prior import brain_of
from honeyguide.programs import Factor, load
from honeyguide.programs.playbook import Economics

PLAYBOOK_PRIOR, BRAIN = "playbook-prior", "brain"
TRAINED = "training"  # who adopts what was learned
FLOOR, DRAWS, HOLDOUT_BP = 0.02, 64, 500
# What turns a situation into an action: a change in any of these files is another policy version.
_CODE = (
    "barring.py", "brain/choosing.py", "brain/design.py", "brain/logistic.py", "brain/rates.py", "brain/schema.py", "brain/snapshot.py",
    "brain/thompson.py", "brain/timing.py", "brain/worth.py", "candidates.py", "choose.py", "experts/strategy.py",
    "features.py", "guardrails.py", "hearing.py", "holdout.py", "panel.py", "propensity.py", "science.py", "science_choice.py", "value.py",
)  # fmt: skip


class Params(Struct, frozen=True, forbid_unknown_fields=True):
    """The numbers of a policy. `floor` is the exploration in total, spread over the legal actions."""

    library: str
    playbook_version: int
    factors: dict[str, Factor]
    economics: Economics
    floor: float = FLOOR
    draws: int = DRAWS
    holdout_bp: int = HOLDOUT_BP


class Policy(Struct, frozen=True):
    """A stored policy version. `level` is its autonomy: 0 suggests, a person approves.

    `snapshot` is what a policy of kind `brain` decides from (`decisions.brain.dump`), `challenger` the nightly model whose
    score it looks at; both are kept as long as the version.
    """

    id: int
    kind: str
    code_hash: str
    params: Params
    parent: int | None
    level: int
    adopted_by: str
    created_at: datetime
    retired_at: datetime | None
    snapshot: bytes = b""
    challenger: bytes = b""


class NewPolicy(Struct, frozen=True):
    """A policy to adopt."""

    kind: str
    params: Params
    adopted_by: str
    level: int = 0
    snapshot: bytes = b""
    challenger: bytes = b""


@cache
def code_hash() -> str:
    """A digest of the code that decides, the same on every machine."""
    digest = hashlib.blake2b(digest_size=16)
    for name in _CODE:
        digest.update(name.encode() + b"\0")
        digest.update(files("honeyguide.decisions").joinpath(*name.split("/")).read_bytes())
    return digest.hexdigest()


@cache
def playbook_prior(library: str) -> NewPolicy:
    """The strategy: the library's playbook as it stands, which never learns."""
    playbook = load(library).playbook
    params = Params(library, playbook.version, playbook.factors, playbook.economics)
    return check(NewPolicy(PLAYBOOK_PRIOR, params, "playbook"))


def brain_prior(library: str, catalogue: Catalogue) -> NewPolicy:
    """The policy everybody starts with: the brain with the playbook's beliefs, before any outcome."""
    params = playbook_prior(library).params
    made = brain_of(catalogue, params.factors, params.economics, floor=params.floor, draws=params.draws)
    return check(NewPolicy(BRAIN, params, "playbook", snapshot=brain.dump(made.snapshot())))


def check(policy: NewPolicy) -> NewPolicy:
    """The policy when it can be used. Raises BadInput with what is wrong."""
    p = policy.params
    problems = [f"It has no factor {name}." for name in FACTORS if name not in p.factors]
    problems += [f"The base of {n} must lie between 0 and 1." for n, f in p.factors.items() if not 0 < f.base < 1]
    problems += [] if 0 < p.floor <= 0.2 else ["The exploration floor must lie between 0 and 0.2."]
    problems += [] if 24 <= p.draws <= 4096 else ["It must draw between 24 and 4096 worlds."]
    problems += [] if 100 <= p.holdout_bp <= 5000 else ["The holdout must lie between 1 % and 50 %."]
    problems += [] if 0 <= policy.level <= 4 else ["The autonomy level must lie between 0 and 4."]
    problems += _snapshot_problems(policy)
    if problems:
        raise BadInput("The policy cannot be adopted.", " ".join(problems))
    return policy


def _snapshot_problems(policy: NewPolicy) -> list[str]:
    if policy.kind != BRAIN:
        return ["Only a brain has a snapshot."] if policy.snapshot else []
    try:
        config = brain.load(policy.snapshot).config
    except (msgspec.MsgspecError, ValueError, TypeError) as e:
        return [f"Its snapshot cannot be read ({type(e).__name__})."]
    kept = (config.floor, config.draws) == (policy.params.floor, policy.params.draws)
    return [] if kept else ["Its snapshot explores otherwise than its numbers say."]


def params_of(stored: object) -> Params:
    """The numbers of a policy as stored."""
    return msgspec.convert(stored, Params)
