"""Our own worlds' setting: the names, the actions, the prices, and a rule book that may be right or wrong."""

import numpy as np

from benchmarks.referee.adapter import Bools, Floats, Ints, RuleBook, Setting

SEGMENTS = ("partner", "enterprise", "midmarket", "small")
VERTICALS = ("saas", "fintech", "health", "manufacturing", "agency")
ROLES = ("executive", "manager", "practitioner", "technical", "finance")
KINDS = ("purchase", "support_success", "milestone", "praise", "renewal", "usage_spike")
INCENTIVES = ("thanks", "credit", "gift_card", "commission", "donation")
SIZES = ("none", "small", "large")
TONES = ("brief", "warm", "partner")
CHANNELS = ("email", "inapp")

GAP_DAYS, YEAR_CAP, WINDOW = 21, 8, 14

# Dollars: what a won customer is worth, by the advocate's segment; what an advocate who leaves is worth; a message.
MARGIN = np.array([5000.0, 9000.0, 3500.0, 1200.0])
CRM_WIN = np.array([0.25, 0.15, 0.22, 0.28])
CRM_QUALIFY = 0.45
GOODWILL = np.array([600.0, 800.0, 300.0, 100.0])
CONTACT = np.array([1.0, 0.3])
REWARD = {
    ("credit", 1): 15.0,
    ("credit", 2): 40.0,
    ("gift_card", 1): 25.0,
    ("gift_card", 2): 75.0,
    ("donation", 1): 20.0,
}
COMMISSION = {1: 0.05, 2: 0.12}


def _actions() -> Ints:
    sized = [(0, 0), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1)]
    return np.array([(i, s, t, c) for i, s in sized for t in range(3) for c in range(2)], dtype=np.int64)


ACTIONS = _actions()
"""One row an action: incentive, size, tone, channel."""
A_REWARD: Floats = np.array([REWARD.get((INCENTIVES[i], int(s)), 0.0) for i, s, _, _ in ACTIONS])
A_COMMISSION: Floats = np.array(
    [COMMISSION[int(s)] if INCENTIVES[i] == "commission" else 0.0 for i, s, _, _ in ACTIONS]
)
A_CONTACT: Floats = CONTACT[ACTIONS[:, 3]]

# The rule book, in log-odds.
BOOK_SEGMENT_INCENTIVE = np.array(
    [[0.0, 0.0, -0.2, 0.9, -0.2], [0.3, -0.2, -0.4, -0.4, 0.6], [0.0, 0.7, 0.2, 0.1, 0.0], [-0.2, 0.3, 0.8, 0.1, -0.1]]
)
BOOK_ROLE_TONE = np.array([[0.5, -0.2, 0.1], [0.0, 0.3, 0.0], [-0.1, 0.5, 0.0], [0.4, 0.0, -0.2], [0.0, -0.1, 0.3]])
BOOK_KIND = np.array([0.9, 1.1, 1.0, 1.4, 0.6, 0.5])
BOOK_LARGE = 0.25


def legal_actions(segment: Ints, email: Bools) -> Bools:
    """Gift limits and consent: enterprise takes no large gift and no commission; no consent, no e-mail."""
    enterprise = segment == 1
    large_gift = (ACTIONS[:, 0] == 2) & (ACTIONS[:, 1] == 2)
    forbidden = enterprise[:, None] & (large_gift | (ACTIONS[:, 0] == 3))[None, :]
    legal: Bools = ~forbidden & (email[:, None] | (ACTIONS[:, 3] == 1)[None, :])
    return legal


SETTING = Setting(
    SEGMENTS, VERTICALS, ROLES, KINDS, INCENTIVES, SIZES, TONES, CHANNELS, ACTIONS, A_REWARD, A_COMMISSION, A_CONTACT,
    MARGIN, GOODWILL, CRM_WIN, np.array([45.0, 90.0, 60.0, 30.0]), CRM_QUALIFY, GAP_DAYS, YEAR_CAP, WINDOW, 365,
    RuleBook(BOOK_SEGMENT_INCENTIVE, BOOK_ROLE_TONE, BOOK_KIND, BOOK_LARGE),
)  # fmt: skip
