"""The money: double entry that cannot lose or invent any.

Takes what a conversion earned (`issue_reward`) and carries it through pending, held, review, approved, payable,
in_payout and paid, or back (`reverse_reward`, whole or in part, before or after the payout). Promises: postings sum to zero per currency and are never changed; a transfer has one permanent key,
a reward one permanent business key; budgets and caps are accounts with a floor, reserved in the same transaction;
who approves a reward did not approve its ask and is not its advocate, who approves a payout did not request it.
`verify` checks all of it from outside. Amounts are integers of minor units (cents). Every change runs in the
caller's transaction, under row locks, and leaves an audit entry. It reads the advocate's name and e-mail and writes
no table but its own.
"""

from honeyguide.ledger.accounts import Account, Line, OverFloor, Transfer
from honeyguide.ledger.advancing import Advanced, advance
from honeyguide.ledger.budgets import budgets, fund_budget
from honeyguide.ledger.disbursement_rows import Disbursement
from honeyguide.ledger.fx_rate import Rate
from honeyguide.ledger.issuing import SYSTEM, Cap, Earned, Part, issue_parts, issue_reward
from honeyguide.ledger.liability import Liability, Month, liability
from honeyguide.ledger.payee_rows import Payee
from honeyguide.ledger.payout_moves import into_payout, leave_payout, pay_out, settle_owed
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
from honeyguide.ledger.proposals import (
    ADJUSTABLE,
    AdjustmentAsk,
    Ask,
    BudgetAsk,
    LineAsk,
    Proposal,
    RewardAsk,
    WriteOffAsk,
    confirm,
    proposal,
    proposals,
    propose,
    reject,
)
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
from honeyguide.ledger.rates import exchange, rate, rates, store_rate
from honeyguide.ledger.reversing import (
    Dispute,
    Reversal,
    close_dispute,
    disputes,
    open_dispute,
    owed,
    reverse_reward,
    void_reward,
)
from honeyguide.ledger.reward_rows import sums_by_state
from honeyguide.ledger.rewards import (
    approve_reward,
    ask_for_review,
    claim_reward,
    condition_met,
    history,
    reward,
    rewards,
    rewards_of_conversion,
)
from honeyguide.ledger.sheets import Sheet, SheetLine, decimal_text, safe_cell, to_csv
from honeyguide.ledger.states import (
    MOVES,
    PAYOUT_STATES,
    REWARD_STATES,
    Payout,
    Reward,
    may_move,
    same_person,
    why_not_approve,
)
from honeyguide.ledger.tables import AccountRow, accounts, postings
from honeyguide.ledger.verify import VerifyReport, verify

__all__ = [
    "ADJUSTABLE",
    "MOVES",
    "PAYOUT_STATES",
    "REWARD_STATES",
    "SYSTEM",
    "Account",
    "AccountRow",
    "AdjustmentAsk",
    "Advanced",
    "Answer",
    "Ask",
    "BudgetAsk",
    "CallRail",
    "Cap",
    "Disbursement",
    "Dispute",
    "Earned",
    "Instruction",
    "Liability",
    "Line",
    "LineAsk",
    "Month",
    "Notice",
    "Order",
    "OverFloor",
    "Part",
    "Payee",
    "Payout",
    "PayoutView",
    "Proposal",
    "Rail",
    "Rate",
    "Refused",
    "Reversal",
    "Reward",
    "RewardAsk",
    "Sent",
    "Sheet",
    "SheetLine",
    "Status",
    "Transfer",
    "Unknown",
    "VerifyReport",
    "WriteOffAsk",
    "accounts",
    "advance",
    "approve_payout",
    "approve_reward",
    "ask_for_review",
    "budgets",
    "cancel_payout",
    "claim_reward",
    "close_dispute",
    "condition_met",
    "confirm",
    "decimal_text",
    "disputes",
    "exchange",
    "export_payout",
    "fund_budget",
    "hand_over",
    "history",
    "into_payout",
    "issue_parts",
    "issue_reward",
    "leave_payout",
    "liability",
    "mark_paid",
    "may_move",
    "open_dispute",
    "owed",
    "pay_out",
    "payout",
    "payouts",
    "plain_reference",
    "post",
    "postings",
    "proposal",
    "proposals",
    "propose",
    "rate",
    "rates",
    "reject",
    "request_payout",
    "request_payouts",
    "reverse_reward",
    "reward",
    "rewards",
    "rewards_of_conversion",
    "safe_cell",
    "same_person",
    "settle_owed",
    "store_rate",
    "sums_by_state",
    "to_csv",
    "verify",
    "void_reward",
    "why_not_approve",
]  # fmt: skip
