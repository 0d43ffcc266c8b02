"""The money: double entry that cannot lose or invent any.

Takes what a conversion earned (`issue_reward`) and carries it through held, approved, in_payout and paid, or back
(`void_reward`). Promises: postings sum to zero per currency and are never changed; a transfer has one permanent key,
a reward one permanent business key; budgets and caps are accounts with a floor, reserved in the same transaction;
who approves a reward did not approve its ask and is not its advocate, who approves a payout did not request it.
`verify` checks all of it from outside. Amounts are integers of minor units (cents). Every change runs in the
caller's transaction, under row locks, and leaves an audit entry. It reads the advocate's name and e-mail and writes
no table but its own.
"""

from honeyguide.ledger.accounts import Account, Line, OverFloor, Transfer
from honeyguide.ledger.disbursement_rows import Disbursement
from honeyguide.ledger.payouts import (
    PayoutView,
    approve_payout,
    cancel_payout,
    export_payout,
    hand_over,
    mark_paid,
    payout,
    payouts,
    request_payout,
    request_payouts,
)
from honeyguide.ledger.post import post
from honeyguide.ledger.rail import (
    Answer,
    CallRail,
    Instruction,
    Notice,
    Order,
    Rail,
    Refused,
    Sent,
    Status,
    Unknown,
    plain_reference,
)
from honeyguide.ledger.reward_rows import sums_by_state
from honeyguide.ledger.rewards import (
    SYSTEM,
    Earned,
    approve_reward,
    ask_for_review,
    fund_budget,
    issue_reward,
    reward,
    rewards,
    void_reward,
)
from honeyguide.ledger.sheets import Sheet, SheetLine, decimal_text, safe_cell, to_csv
from honeyguide.ledger.states import PAYOUT_STATES, REWARD_STATES, Payout, Reward, why_not_approve
from honeyguide.ledger.tables import AccountRow, accounts, postings
from honeyguide.ledger.verify import VerifyReport, verify

__all__ = [
    "PAYOUT_STATES", "REWARD_STATES", "SYSTEM", "Account", "AccountRow", "Answer", "CallRail", "Disbursement", "Earned",
    "Instruction", "Line", "Notice", "Order", "OverFloor", "Payout", "PayoutView", "Rail", "Refused", "Reward", "Sent", "Sheet",
    "SheetLine", "Status", "Transfer", "Unknown", "VerifyReport", "accounts", "approve_payout",
    "approve_reward", "ask_for_review", "cancel_payout", "decimal_text", "export_payout", "fund_budget", "hand_over",
    "issue_reward", "mark_paid", "payout", "payouts", "plain_reference", "post", "postings", "request_payout", "request_payouts", "reward",
    "rewards", "safe_cell", "sums_by_state", "to_csv", "verify", "void_reward", "why_not_approve",
]  # fmt: skip
