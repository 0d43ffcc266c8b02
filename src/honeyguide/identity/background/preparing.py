"""Records become columns that can be compared: one DuckDB table per kind, a million rows without a Python loop over rows.

What needs our own rules (free mail, role inboxes, legal forms, pet names) is asked once per distinct value. Values many
people share (switchboards, team mailboxes) are emptied first: what everybody shares says nothing about anybody.

`persona`: (unique_id, entity, source, name, email, phone, title, company, domain, country, city), all text but the ids.
`company`: (unique_id, entity, source, name, domain, phone, country, city).
"""

from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa

from honeyguide.core import normalise
from honeyguide.identity.background.nicknames import roots

# More people (by name) than this behind one phone or mailbox: a switchboard, a team.
SHARED_PHONE, SHARED_MAILBOX = 3, 2
_TITLES = "mr|mrs|ms|miss|mx|dr|prof|herr|frau|sr\\.|sra|mme|mlle|dott|ing|dipl|mag|sig|pan|pani|mba|phd|md"
_GENERATIONS = "jr|junior|sr|senior|ii|iii|iv|jnr|snr|fils|pere|jun|sen"
_HELD = (
    "parts",
    "joined",
    "nick",
    "host_of",
    "site_of",
    "firm_of",
    "role_of",
    "crowd_phone",
    "crowd_mail",
    "firm_at",
    "domain_at",
)
# The same folding as `nicknames.folded`, in SQL.
_FOLD = (
    "regexp_replace(regexp_replace(strip_accents(translate(replace(replace(replace(replace(lower({0}), 'ß', 'ss'), 'æ', 'a'), "
    "'œ', 'o'), 'þ', 'th'), 'øłđðı', 'olddi')), '[^a-z]', '', 'g'), '([aou])e', '\\1', 'g')"
)


def fold(column: str) -> str:
    """The SQL that folds a column as `nicknames.folded` folds a name."""
    return _FOLD.format(column)


def prepare(con: Any, kind: str, raw: str, made: str) -> None:
    """Make the table `made` of comparable columns out of `raw`."""
    if kind == "persona":
        _persons(con, raw, made)
    else:
        _companies(con, raw, made)


def _persons(con: Any, raw: str, made: str) -> None:
    con.execute(_PERSON_PARTS.replace("$raw", raw))
    _mapping(con, "nick", roots().items(), pa.list_(pa.string()))
    host_kinds(con, "select distinct host from parts where host is not null")
    _known(con, "select distinct firm_site from parts where firm_site is not null", "site_of", _site)
    _known(con, "select distinct company from parts where company is not null", "firm_of", normalise.company_name)
    _known(
        con,
        "select distinct regexp_replace(local, '[0-9._-]', '', 'g') from parts where length(local) <= 24",
        "role_of",
        lambda stem: "role" if normalise.is_role_inbox(f"{stem}@x") else None,
    )
    con.execute(_PERSON_JOINED)
    con.execute(f"create temp table crowd_phone as {_crowd('phone', SHARED_PHONE)}")
    con.execute(f"create temp table crowd_mail as {_crowd('mail', SHARED_MAILBOX)}")
    con.execute(_FIRM_OF_DOMAIN)
    con.execute(_DOMAIN_OF_FIRM)
    con.execute(f"create or replace table {made} as {_PERSON_MADE}")
    for table in _HELD:
        con.execute(f"drop table if exists {table}")


def host_kinds(con: Any, hosts: str) -> None:
    """The table `host_of`: each host `free` (a mailbox provider) or its registrable domain."""
    _known(con, hosts, "host_of", _host)


def _companies(con: Any, raw: str, made: str) -> None:
    con.execute(f"create or replace temp table parts as select * from {raw}")
    _known(con, "select distinct name from parts where name is not null", "firm_of", normalise.company_name)
    _known(con, "select distinct domain from parts where domain is not null", "site_of", _site)
    con.execute(f"create or replace table {made} as {_COMPANY_MADE}")
    for table in ("parts", "firm_of", "site_of"):
        con.execute(f"drop table if exists {table}")


def _host(host: str) -> str | None:
    """`free` for a mailbox provider, else the registrable domain."""
    return "free" if normalise.is_free_mail(host) else normalise.registrable_domain(host)


def _site(site: str) -> str | None:
    return None if normalise.is_free_mail(site) else normalise.registrable_domain(site)


def _known(con: Any, values: str, table: str, rule: Callable[[str], str | None]) -> None:
    """A look-up table: each distinct value and what our rule makes of it."""
    distinct = [row[0] for row in con.execute(values).fetchall()]
    _mapping(con, table, ((v, m) for v in distinct if v is not None and (m := rule(v)) is not None), pa.string())


def _mapping(con: Any, table: str, pairs: Iterable[tuple[str, Any]], kind: Any) -> None:
    given, meant = [], []
    for value, becomes in pairs:
        given.append(value)
        meant.append(becomes)
    arrow = pa.table({"given": pa.array(given, pa.string()), "meant": pa.array(meant, kind)})
    con.register("arrow_mapping", arrow)
    con.execute(f"create or replace temp table {table} as select * from arrow_mapping")
    con.unregister("arrow_mapping")


def _called(letters: int) -> str:
    """What a record calls its person, so roughly that spelling, pet names and order do not matter."""
    return (
        f"case when root < surname then root[1:{letters}] || surname[1:{letters}] "
        f"else surname[1:{letters}] || root[1:{letters}] end"
    )


def _crowd(column: str, most: int) -> str:
    """Values that stand under several people: names count as different by their first letters, whatever their order."""
    told = _called(2)
    return (
        f"select {column} as given from joined where {column} is not null and surname is not null "
        f"group by {column} having count(distinct {told}) > {most}"
    )


# A record without a name may still carry one in its mailbox: ana.lopez@ says who writes.
_SAID = "nullif(regexp_extract(split_part(lower(trim(email)), '@', 1), '^([a-z]{{2,}})[._]([a-z]{{2,}})$', {0}), '')"

_PERSON_PARTS = f"""
create or replace temp table parts as
with plain as (
  select *, case when strpos(name, ',') > 0 and not regexp_matches(lower(name), ',\\s*({_GENERATIONS})\\.?\\s*$')
    then split_part(name, ',', 2) || ' ' || split_part(name, ',', 1) else replace(name, ',', ' ') end as turned
  from $raw
), words as (
  select *, list_filter(
    regexp_split_to_array(trim(regexp_replace(lower(turned), '[-''’]', '', 'g')), '[\\s.]+'),
    lambda w: w <> '' and not regexp_full_match(w, '{_TITLES}')) as said
  from plain
), cut as (
  select *, list_filter(said, lambda w: regexp_full_match(w, '{_GENERATIONS}')) as generation,
    list_filter(said, lambda w: not regexp_full_match(w, '{_GENERATIONS}')) as spoken
  from words
)
select unique_id, entity, source, nullif(lower(trim(email)), '') as mail,
  nullif(regexp_replace(split_part(lower(trim(email)), '@', 1), '[+].*$', ''), '') as local,
  nullif(split_part(lower(trim(email)), '@', 2), '') as host,
  case when length(regexp_replace(phone, '[^0-9]', '', 'g')) >= 7
    then right(regexp_replace(phone, '[^0-9]', '', 'g'), 9) end as phone,
  nullif(trim(regexp_replace(lower(title), '[^\\p{{L}}0-9]+', ' ', 'g')), '') as title,
  nullif(trim(company), '') as company, nullif(lower(trim(domain)), '') as firm_site,
  nullif(lower(trim(country)), '') as country, nullif(strip_accents(lower(trim(city))), '') as city,
  case when len(spoken) > 0 then nullif({fold("spoken[1]")}, '') else {_SAID.format(1)} end as given,
  case when len(spoken) > 1 then nullif({fold("spoken[-1]")}, '')
    when len(spoken) = 0 or spoken is null then {_SAID.format(2)} end as surname,
  case when len(generation) > 0 then case when generation[1] in ('jr', 'jnr', 'junior', 'jun', 'fils', 'ii') then 'jr'
    when generation[1] in ('sr', 'snr', 'senior', 'sen', 'pere') then 'sr' else generation[1] end else 'none' end as generation
from cut
"""

_PERSON_JOINED = """
create or replace temp table joined as
select p.unique_id, p.entity, p.source, p.mail, p.phone, p.title, p.country, p.city, p.given, p.surname, p.generation,
  coalesce(n.meant, case when p.given is null then null else [p.given] end) as roots,
  coalesce(n.meant[1], p.given) as root,
  case when r.meant is null and length(p.local) >= 3 then p.local end as local,
  r.meant is not null as is_role,
  -- a mailbox spelt from the name (j.smith, smith.john) says little beyond the name
  regexp_replace(p.local, '[._-]', '', 'g') in (p.given || p.surname, p.surname || p.given, p.given, p.surname,
    p.given[1] || p.surname, p.given || p.surname[1], p.surname || p.given[1], p.surname[1] || p.given) as is_spelt,
  coalesce(case when h.meant <> 'free' then h.meant end, s.meant) as domain,
  h.meant = 'free' as is_free, f.meant as firm
from parts p left join nick n on n.given = p.given left join host_of h on h.given = p.host
left join site_of s on s.given = p.firm_site left join firm_of f on f.given = p.company
left join role_of r on r.given = regexp_replace(p.local, '[0-9._-]', '', 'g')
"""

# What most records say a company's domain is called, and the other way round, where they agree.
_FIRM_OF_DOMAIN = """
create or replace temp table firm_at as
select domain, mode(firm) as firm from joined where domain is not null and firm is not null group by domain having count(*) >= 2
"""
_DOMAIN_OF_FIRM = """
create or replace temp table domain_at as
select firm, mode(domain) as domain from joined where domain is not null and firm is not null group by firm
having count(*) >= 2 and count(distinct domain) = 1
"""

_PERSON_MADE = f"""
select j.unique_id, j.entity, j.source, j.given, j.surname, j.roots, j.root, j.generation,
  nullif(j.generation, 'none') as marked, case when j.is_role or m.given is not null then null else j.mail end as mail,
  case when m.given is null and not j.is_role then j.local end as local,
  case when m.given is null and not j.is_role and not j.is_spelt then j.local end as handle,
  case when m.given is null and not j.is_role and j.is_spelt then j.local end as spelt,
  regexp_replace(case when m.given is null then j.local end, '[^a-z]', '', 'g') as letters,
  case when c.given is null then j.phone end as phone,
  coalesce(j.domain, da.domain) as domain, coalesce(j.firm, fa.firm) as firm,
  coalesce(j.domain, da.domain, j.firm) as employer, j.title, j.country, j.city, coalesce(j.is_free, false) as is_free,
  case when j.given < j.surname then j.root || ' ' || j.surname else j.surname || ' ' || j.root end as both_names,
  list_distinct(list_transform(list_append(j.roots, j.given), lambda root: {_called(1)} || j.generation)) as called
from joined j left join crowd_phone c on c.given = j.phone left join crowd_mail m on m.given = j.mail
left join firm_at fa on fa.domain = j.domain left join domain_at da on da.firm = j.firm
"""

_COMPANY_MADE = """
select p.unique_id, p.entity, p.source, f.meant as firm, replace(f.meant, ' ', '') as joined_name, s.meant as domain,
  split_part(s.meant, '.', 1) as label,
  case when length(regexp_replace(p.phone, '[^0-9]', '', 'g')) >= 7
    then right(regexp_replace(p.phone, '[^0-9]', '', 'g'), 9) end as phone,
  nullif(lower(trim(p.country)), '') as country, nullif(strip_accents(lower(trim(p.city))), '') as city
from parts p left join firm_of f on f.given = p.name left join site_of s on s.given = p.domain
"""
