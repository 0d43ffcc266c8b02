"""The outside checker's questions: each is one query that returns the rows that break a promise, and the sentence for such a row."""

# Where each reward's money stands according to its postings alone, by account kind.
_STANDING = """
with stands as (
  select r.id, coalesce(sum(p.amount_minor) filter (where a.kind = 'held'), 0) as held,
    coalesce(sum(p.amount_minor) filter (where a.kind = 'available'), 0) as available,
    coalesce(sum(p.amount_minor) filter (where a.kind = 'in_payout'), 0) as in_payout,
    coalesce(sum(p.amount_minor) filter (where a.kind = 'paid'), 0) as paid,
    coalesce(sum(p.amount_minor) filter (where a.kind = 'owed'), 0) as owed,
    coalesce(sum(p.amount_minor) filter (where a.kind in ('budget', 'expense')), 0) as drawn,
    coalesce(bool_and(a.currency = r.currency), true) as one_currency,
    coalesce(bool_and(a.owner = 'advocate:' || r.advocate_id) filter (where a.kind in ('held', 'available', 'in_payout', 'paid', 'owed')), true)
      as one_owner
  from reward r
  left join transfer t on t.workspace_id = r.workspace_id and split_part(t.key, ':', 1) = 'reward' and split_part(t.key, ':', 2) = r.id::text
  left join posting p on p.workspace_id = t.workspace_id and p.transfer_id = t.id
  left join ledger_account a on a.workspace_id = p.workspace_id and a.id = p.account_id
  where r.workspace_id = $1 group by r.id
)
"""

CHECKS: tuple[tuple[str, str], ...] = (
    (
        "The postings of transfer {key} sum to {total} {currency} instead of 0.",
        "select t.key, p.currency, sum(p.amount_minor) as total from posting p "
        "left join transfer t on t.workspace_id = p.workspace_id and t.id = p.transfer_id "
        "where p.workspace_id = $1 group by p.transfer_id, t.key, p.currency having sum(p.amount_minor) <> 0",
    ),
    (
        "All postings in {currency} together sum to {total} instead of 0.",
        "select currency, sum(amount_minor) as total from posting where workspace_id = $1 group by currency having sum(amount_minor) <> 0",
    ),
    (
        "The transfer {key} has {n} postings; it needs at least two.",
        "select t.key, count(p.line) as n from transfer t left join posting p on p.workspace_id = t.workspace_id and p.transfer_id = t.id "
        "where t.workspace_id = $1 group by t.id, t.key having count(p.line) < 2",
    ),
    (
        "A posting of {amount_minor} {currency} belongs to no transfer ({transfer_id}).",
        "select p.amount_minor, p.currency, p.transfer_id from posting p left join transfer t "
        "on t.workspace_id = p.workspace_id and t.id = p.transfer_id where p.workspace_id = $1 and t.id is null",
    ),
    (
        "A posting of {amount_minor} {currency} (transfer {transfer_id}) names an account that does not exist or has another currency.",
        "select p.amount_minor, p.currency, p.transfer_id from posting p left join ledger_account a "
        "on a.workspace_id = p.workspace_id and a.id = p.account_id and a.currency = p.currency where p.workspace_id = $1 and a.id is null",
    ),
    (
        "The account '{kind} {owner}' shows {balance_minor} {currency}; its postings sum to {total}.",
        "select a.kind, a.owner, a.currency, a.balance_minor, coalesce(sum(p.amount_minor), 0) as total from ledger_account a "
        "left join posting p on p.workspace_id = a.workspace_id and p.account_id = a.id "
        "where a.workspace_id = $1 group by a.id, a.kind, a.owner, a.currency, a.balance_minor "
        "having a.balance_minor <> coalesce(sum(p.amount_minor), 0)",
    ),
    (
        "The account '{kind} {owner}' is at {total} {currency}, below its floor of {least}.",
        "select a.kind, a.owner, a.currency, coalesce(sum(p.amount_minor), 0) as total, "
        "coalesce(a.floor_minor, 0) as least from ledger_account a "
        "left join posting p on p.workspace_id = a.workspace_id and p.account_id = a.id where a.workspace_id = $1 "
        "and (a.floor_minor is not null or a.kind in ('held', 'available', 'in_payout', 'paid', 'budget')) "
        "group by a.id, a.kind, a.owner, a.currency, a.floor_minor having coalesce(sum(p.amount_minor), 0) < coalesce(a.floor_minor, 0)",
    ),
    (
        "The key {key} stands for {n} transfers; a key is used once.",
        "select key, count(*) as n from transfer where workspace_id = $1 group by key having count(*) > 1",
    ),
    (
        "The transfer {key} was reversed {n} times.",
        "select coalesce(o.key, r.reversal_of::text) as key, count(*) as n from transfer r left join transfer o "
        "on o.workspace_id = r.workspace_id and o.id = r.reversal_of where r.workspace_id = $1 and r.reversal_of is not null "
        "group by o.key, r.reversal_of having count(*) > 1",
    ),
    (
        "The transfer {key} reverses one that does not exist.",
        "select r.key from transfer r left join transfer o on o.workspace_id = r.workspace_id and o.id = r.reversal_of "
        "where r.workspace_id = $1 and r.reversal_of is not null and o.id is null",
    ),
    (
        "The business key {business_key} stands for {n} rewards; it is used once.",
        "select business_key, count(*) as n from reward where workspace_id = $1 group by business_key having count(*) > 1",
    ),
    (
        "The transfer {key} moves a reward that does not exist.",
        "select t.key from transfer t left join reward r on r.workspace_id = t.workspace_id and r.id::text = split_part(t.key, ':', 2) "
        "where t.workspace_id = $1 and split_part(t.key, ':', 1) = 'reward' and r.id is null",
    ),
    (
        "The reward {id} is '{state}' with {amount_minor} {currency}, but its postings put {held} on hold, {available} available, "
        "{in_payout} in a payout, {paid} paid, {owed} owed and took {drawn} from the budget.",
        _STANDING
        + "select r.id, r.state, r.amount_minor, r.currency, s.held, s.available, s.in_payout, s.paid, s.owed, s.drawn "
        "from reward r join stands s on s.id = r.id where r.workspace_id = $1 and "
        "(s.held, s.available, s.in_payout, s.paid, s.owed, s.drawn) is distinct from ("
        "case when r.state in ('pending', 'held', 'review') then r.amount_minor else 0 end, "
        "case when r.state in ('approved', 'payable') then r.amount_minor else 0 end, "
        "case when r.state = 'in_payout' then r.amount_minor - r.netted_minor else 0 end, "
        "case when r.state in ('paid', 'reversed') then r.amount_minor - r.netted_minor else 0 end, "
        "r.netted_minor - r.clawed_minor, r.reversed_minor - r.issued_minor)",
    ),
    (
        "The reward {id} is '{state}' with {amount_minor} {currency}: issued {issued_minor}, taken back {reversed_minor}, of that {clawed_minor} "
        "owed, {netted_minor} kept back. These do not fit together.",
        "select id, state, amount_minor, currency, issued_minor, reversed_minor, clawed_minor, netted_minor from reward "
        "where workspace_id = $1 and (amount_minor <> issued_minor - reversed_minor + clawed_minor or issued_minor > wanted_minor "
        "or reversed_minor not between 0 and issued_minor or clawed_minor not between 0 and reversed_minor "
        "or netted_minor not between 0 and amount_minor or (netted_minor > 0 and state not in ('in_payout', 'paid', 'reversed')) "
        "or (state = 'capped' and (issued_minor > 0 or wanted_minor = 0)) or (state = 'expired' and amount_minor > 0) "
        "or (amount_minor = 0 and issued_minor > 0 and state not in ('reversed', 'expired')) "
        "or (state = 'reversed' and reversed_minor < issued_minor))",
    ),
    (
        "The reward {id} has postings in another currency or in another advocate's accounts.",
        _STANDING + "select r.id from reward r join stands s on s.id = r.id where r.workspace_id = $1 and "
        "(not s.one_currency or not s.one_owner)",
    ),
    (
        "The reward {id} counts {used} against '{owner}'; {net} stands of it.",
        "select r.id, a.owner, -sum(p.amount_minor) as used, r.issued_minor - r.reversed_minor as net from reward r "
        "join transfer t on t.workspace_id = r.workspace_id and split_part(t.key, ':', 1) = 'reward' and split_part(t.key, ':', 2) = r.id::text "
        "join posting p on p.workspace_id = t.workspace_id and p.transfer_id = t.id "
        "join ledger_account a on a.workspace_id = p.workspace_id and a.id = p.account_id and a.kind = 'allowance' "
        "where r.workspace_id = $1 group by r.id, a.owner, r.issued_minor, r.reversed_minor "
        "having -sum(p.amount_minor) <> r.issued_minor - r.reversed_minor",
    ),
    (
        "The reward {id} is '{state}' without somebody who approved it, or was approved by the one who approved the ask.",
        "select id, state from reward where workspace_id = $1 and "
        "((state in ('approved', 'payable', 'in_payout', 'paid') and approved_by is null) "
        "or (approved_by is not null and approved_by = asked_by))",
    ),
    (
        "The advocate of the account '{owner}' owes {balance} {currency}: less than nothing.",
        "select owner, -balance_minor as balance, currency from ledger_account where workspace_id = $1 and kind = 'owed' and balance_minor > 0",
    ),
    (
        "The reward {id} shows {reversed_minor} taken back; its keys add up to {taken}.",
        "select r.id, r.reversed_minor, coalesce(sum(v.taken_minor), 0) as taken from reward r left join reward_reversal v "
        "on v.workspace_id = r.workspace_id and v.reward_id = r.id where r.workspace_id = $1 "
        "group by r.id, r.reversed_minor having coalesce(sum(v.taken_minor), 0) <> r.reversed_minor",
    ),
    (
        "The reward {id} is marked as disputed: {disputed}; its open disputes say otherwise.",
        "select r.id, r.disputed from reward r where r.workspace_id = $1 and r.disputed is distinct from exists "
        "(select 1 from reward_dispute d where d.workspace_id = $1 and d.reward_id = r.id and d.outcome is null)",
    ),
    (
        "The reward {id} is '{state}', but its payout is {payout_state}.",
        "select r.id, r.state, coalesce(p.state, 'missing') as payout_state from reward r left join payout p "
        "on p.workspace_id = r.workspace_id and p.id = r.payout_id where r.workspace_id = $1 and ("
        "(r.payout_id is not null and (p.id is null or p.currency <> r.currency)) or "
        "(r.state = 'in_payout' and p.state is distinct from 'requested' and p.state is distinct from 'approved' "
        "and p.state is distinct from 'exported') or "
        "(r.state in ('paid', 'reversed') and r.amount_minor > r.netted_minor and p.state is distinct from 'paid') or "
        "(r.state in ('pending', 'held', 'review', 'approved', 'payable', 'expired', 'capped') and r.payout_id is not null))",
    ),
    (
        "The payout {id} is over {total_minor} {currency}; its rewards sum to {total}.",
        "select p.id, p.total_minor, p.currency, coalesce(sum(r.amount_minor - r.netted_minor), 0) as total from payout p "
        "left join reward r on r.workspace_id = p.workspace_id and r.payout_id = p.id where p.workspace_id = $1 and p.state <> 'cancelled' "
        "group by p.id, p.total_minor, p.currency having coalesce(sum(r.amount_minor - r.netted_minor), 0) <> p.total_minor",
    ),
    (
        "The payout {id} is '{state}' without the approval of a second person or without its proof of payment.",
        "select id, state from payout where workspace_id = $1 and ((state in ('approved', 'exported', 'paid') and approved_by is null) "
        "or approved_by = requested_by or (state = 'paid' and (paid_by is null or paid_at is null or reference = '')))",
    ),
    (
        "The payout {id} moved {moved} {currency} into the payout account; its total is {total_minor}.",
        "select p.id, p.total_minor, p.currency, coalesce(sum(l.amount_minor), 0) as moved from payout p "
        "left join transfer t on t.workspace_id = p.workspace_id and t.key like 'reward:%:payout:' || p.id "
        "left join (posting l join ledger_account a on a.workspace_id = l.workspace_id and a.id = l.account_id and a.kind = 'in_payout') "
        "on l.workspace_id = t.workspace_id and l.transfer_id = t.id and l.amount_minor > 0 "
        "where p.workspace_id = $1 group by p.id, p.total_minor, p.currency having coalesce(sum(l.amount_minor), 0) <> p.total_minor",
    ),
    (
        "The transfer {key} changes currency at rate {rate_id}, which is not stored or gives another amount.",
        "select t.key, t.rate_id from transfer t left join fx_rate f on f.workspace_id = t.workspace_id and f.id = t.rate_id "
        "left join lateral (select max(-p.amount_minor) filter (where a.kind <> 'exchange' and p.amount_minor < 0) as gave, "
        "max(p.amount_minor) filter (where a.kind <> 'exchange' and p.amount_minor > 0) as got, "
        "max(p.currency) filter (where a.kind <> 'exchange' and p.amount_minor < 0) as base, "
        "max(p.currency) filter (where a.kind <> 'exchange' and p.amount_minor > 0) as quote from posting p join ledger_account a "
        "on a.workspace_id = p.workspace_id and a.id = p.account_id where p.workspace_id = $1 and p.transfer_id = t.id) m on true "
        "where t.workspace_id = $1 and t.rate_id is not null and (f.id is null or m.base <> f.base or m.quote <> f.quote "
        # exponents are 0, 2 or 3: the amounts fit the rate at one of the five ratios between them
        "or m.got::numeric * f.denominator not between m.gave::numeric * f.numerator / 1000 - f.denominator "
        "and m.gave::numeric * f.numerator * 1000 "
        "or (f.base in ('EUR', 'USD', 'GBP', 'CHF') and f.quote in ('EUR', 'USD', 'GBP', 'CHF') "
        "and m.got <> div(m.gave::numeric * f.numerator, f.denominator)))",
    ),
    (
        "The transfer {key} changes currency without a rate.",
        "select key from transfer where workspace_id = $1 and kind = 'exchange' and rate_id is null",
    ),
    (
        "The transfer {key} was decided by nobody: no confirmed proposal stands behind it.",
        "select t.key from transfer t left join ledger_proposal p on p.workspace_id = t.workspace_id and p.state = 'confirmed' "
        "and p.decided_by <> p.proposed_by and t.key in ('proposal:' || p.id, 'budget:proposal:' || p.id) "
        "where t.workspace_id = $1 and (t.kind in ('ledger.adjusted', 'ledger.written_off') or t.key like 'budget:proposal:%') "
        "and p.id is null",
    ),
    (
        "The proposal {id} ({kind}) is confirmed, but nothing was posted.",
        "select p.id, p.kind from ledger_proposal p where p.workspace_id = $1 and p.state = 'confirmed' and not exists "
        "(select 1 from transfer t where t.workspace_id = $1 and t.key in ('proposal:' || p.id, 'budget:proposal:' || p.id)) "
        "and not exists (select 1 from reward r where r.workspace_id = $1 and r.conversion_id = p.id) "
        "and not (p.kind = 'give_up' and exists (select 1 from disbursement d join transfer t on t.workspace_id = $1 "
        "and t.key like 'reward:%:left:' || d.payout_id where d.workspace_id = $1 and d.id = (p.body ->> 'disbursement_id')::uuid))",
    ),
    (
        "The business key {business_key} of the reward {id} is not made of its role, conversion and part.",
        "select id, business_key from reward where workspace_id = $1 and business_key not like '%:' || role || ':' || conversion_id "
        "|| case when part > 0 then ':' || part else '' end",
    ),
)
