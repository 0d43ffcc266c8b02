"""A small policy tree that leaves the best constant only where an honest leaf shows that it pays.

Splits are found on one half of the scores, leaves are judged on the other: a leaf takes another action than the constant
only if the one-sided 95 % lower bound of the difference there is above zero. On data where personalisation does not pay
such a tree is the constant.
"""

import numpy as np
from msgspec import Struct
from scipy.special import ndtri

from honeyguide.learning.proof.offpolicy import Floats, Ints

_CUTS = (0.2, 0.4, 0.5, 0.6, 0.8)


class Tree(Struct, frozen=True):
    """A leaf (`action`), or a split: rows with `x[feature] <= cut` go to `left`."""

    action: int
    feature: int = -1
    cut: float = 0.0
    left: "Tree | None" = None
    right: "Tree | None" = None

    def actions(self, x: Floats) -> Ints:
        """The action of each row."""
        if self.left is None or self.right is None:
            return np.full(len(x), self.action, np.int64)
        low = x[:, self.feature] <= self.cut
        out = np.empty(len(x), np.int64)
        out[low], out[~low] = self.left.actions(x[low]), self.right.actions(x[~low])
        return out

    @property
    def leaves(self) -> int:
        """How many leaves."""
        return 1 if self.left is None or self.right is None else self.left.leaves + self.right.leaves


def gated_tree(
    x: Floats, scores: Floats, constant: int, rng: np.random.Generator, *, depth: int = 3, least: int = 100,
    alpha: float = 0.05,
) -> Tree:  # fmt: skip
    """Grow on half of the rows, judge the leaves on the other. `scores` [rows, actions] are doubly robust ones."""
    grow = rng.random(len(x)) < 0.5
    shape = _grow(x[grow], scores[grow] - scores[grow, constant][:, None], constant, depth, least)
    return _judge(shape, x[~grow], scores[~grow], constant, alpha, least)


def _grow(x: Floats, gain: Floats, constant: int, depth: int, least: int) -> Tree:
    leaf = Tree(int(gain.sum(axis=0).argmax()) if len(gain) else constant)
    if depth == 0 or len(x) < 2 * least:
        return leaf
    best, found = float(gain.sum(axis=0).max()), None
    for feature in range(x.shape[1]):
        for cut in np.unique(np.quantile(x[:, feature], _CUTS)):
            low = x[:, feature] <= cut
            if min(int(low.sum()), int((~low).sum())) < least:
                continue
            worth = float(gain[low].sum(axis=0).max() + gain[~low].sum(axis=0).max())
            if worth > best + 1e-12:
                best, found = worth, (feature, float(cut), low)
    if found is None:
        return leaf
    feature, at, low = found
    left = _grow(x[low], gain[low], constant, depth - 1, least)
    return Tree(leaf.action, feature, at, left, _grow(x[~low], gain[~low], constant, depth - 1, least))


def _judge(tree: Tree, x: Floats, scores: Floats, constant: int, alpha: float, least: int) -> Tree:
    if tree.left is None or tree.right is None:
        return Tree(tree.action if _pays(scores, tree.action, constant, alpha, least) else constant)
    low = x[:, tree.feature] <= tree.cut
    left = _judge(tree.left, x[low], scores[low], constant, alpha, least)
    right = _judge(tree.right, x[~low], scores[~low], constant, alpha, least)
    if left.leaves == right.leaves == 1 and left.action == right.action:
        return Tree(left.action)
    return Tree(tree.action, tree.feature, tree.cut, left, right)


def _pays(scores: Floats, action: int, constant: int, alpha: float, least: int) -> bool:
    if action == constant or len(scores) < least // 2:
        return False
    gain = scores[:, action] - scores[:, constant]
    bound = gain.mean() + ndtri(alpha) * gain.std(ddof=1) / np.sqrt(len(gain))
    return bool(bound > 0)
