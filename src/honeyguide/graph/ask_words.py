"""The words people use for the kinds of edges: verbs, nouns and participles of questions. Data, no logic.

Patterns are regular expressions over one space between words, without regard to case. A relation that cannot be said
in a form leaves it empty.
"""

from msgspec import Struct

from honeyguide.graph.ask_doors import EXAMPLES as DOORS


class Relation(Struct, frozen=True):
    """How one kind of edge is spoken of.

    `who`: what stands between "who" and the target ("who *is using* X"). `does`: what follows the subject in "what
    does S *use*". `nouns`: those who do it, before "of X". `things`: what was said or done, countable, before "about X".
    `past`: the participle before "by S". `alone`: what asks for all of it, whatever the target. `says`: how a sentence of ours says it, third person.
    """

    kind: str
    says: str
    who: str
    does: str = ""
    nouns: str = ""
    things: str = ""
    past: str = ""
    alone: str = ""
    targets: tuple[str, ...] = ("product", "feature")
    subjects: tuple[str, ...] = ("persona", "company")


_THING = ("product", "feature")
_PERSON = ("persona",)

RELATIONS: dict[str, Relation] = {
    r.kind: r
    for r in (
        Relation(
            "uses", "uses", r"(?:use|uses|used|(?:(?:is|are|was|were) )?using|(?:has|have) used|work with|works with|runs?)",
            does=r"us(?:e|es|ed|ing)", nouns=r"users?", past="used",
        ),
        Relation(
            "power_user_of", "is a power user of",
            r"(?:(?:is|are) (?:the |a |our )?(?:power|heavy|top) users? of|(?:use|uses) (?:the )?most)",
            nouns=r"(?:power|heavy|top) users?", subjects=_PERSON,
        ),
        Relation(
            "champion_of", "champions",
            r"(?:champions?|championed|(?:is|are) championing|(?:is|are) (?:a |the |our )?champions? (?:of|for)|"
            r"push(?:es)? for|(?:speaks?|argues?) for)",
            does=r"champion(?:s|ed|ing)?", nouns=r"(?:our )?champions?", past="championed", subjects=_PERSON,
            targets=("product",),
        ),
        Relation(
            "blocks", "blocks",
            r"(?:blocks?|blocked|(?:is|are) blocking|(?:is|are) (?:a |the )?blockers? (?:of|for)|oppos(?:e|es|ed)|"
            r"(?:is|are) against|stands? in the way of)",
            does=r"(?:block|oppose)(?:s|ed|d)?", nouns=r"(?:blockers?|opponents?)", past="blocked", subjects=_PERSON,
            targets=("product", "deal"),
        ),
        Relation(
            "praised", "praised",
            r"(?:(?:has |have )?praised|praises?|(?:has |have )?said (?:something nice|something good|nice things|good things) "
            r"about|(?:love|loves|loved|like|likes|liked|recommends?|recommended)|(?:is|are|was|were) (?:very )?"
            r"(?:happy|satisfied|delighted|pleased) with|thanked us for)",
            does=r"(?:prais(?:e|es|ed)|loved?|liked?|recommend(?:ed)?)", nouns=r"(?:fans?|admirers?|promoters?)",
            alone=r"(?:(?:who (?:is|are) )?(?:our |the )?(?:happy|satisfied|delighted) (?:customers|people|users|contacts)|"
            r"who (?:has |have )?praised us|who (?:is|are|was|were) (?:happy|satisfied|delighted)|(?:the |our |recent |new )?praise)",
            things=r"(?:praise|praises|compliments?|positive (?:feedback|comments?|reviews?))", past="praised",
            targets=("product", "feature", "company"), subjects=_PERSON,
        ),
        Relation(
            "complained_of", "complained of",
            r"(?:(?:has |have )?complained (?:about|of)|complains? (?:about|of)|(?:is|are) complaining (?:about|of)|"
            r"(?:is|are|was|were) (?:very )?(?:unhappy|angry|frustrated|annoyed|dissatisfied|disappointed) (?:with|about|by)|"
            r"(?:hates?|hated|dislikes?|disliked|criticis(?:es|ed)|criticiz(?:es|ed))|(?:has|have|had) (?:a )?(?:problems?|trouble) with)",
            does=r"(?:complain(?:s|ed)? (?:about|of)|criticis(?:e|ed)|criticiz(?:e|ed)|hated?|disliked?)",
            nouns=r"(?:critics|complainers?|detractors?)",
            alone=r"(?:(?:who (?:is|are) )?(?:our |the )?(?:unhappy|angry|frustrated|dissatisfied) (?:customers|people|users|contacts)|"
            r"who (?:has |have )?complained|who complains|who (?:is|are|was|were) (?:unhappy|angry|frustrated|dissatisfied)|"
            r"(?:the |our |recent |new )?complaints)",
            things=r"(?:complaints?|criticism|negative (?:feedback|comments?|reviews?))", past="criticised",
            targets=("product", "feature", "company"), subjects=_PERSON,
        ),
        Relation(
            "evaluated", "evaluated",
            r"(?:(?:has |have )?evaluated|evaluates?|(?:(?:is|are|was|were) )?evaluating|(?:(?:is|are) )?(?:trying|trialling|testing)(?: out)?|"
            r"(?:has |have )?tried|(?:(?:is|are) )?considering)",
            does=r"(?:evaluat(?:e|es|ed|ing)|try|tried|trialled|consider(?:ed|ing)?)", nouns=r"(?:evaluators?|prospects?)",
            things=r"(?:evaluations?|trials?)", past="evaluated",
        ),
        Relation(
            "interested_in", "is interested in",
            r"(?:(?:is|are|was|were) interested in|wants?|wanted|asks? for|asked (?:for|about)|shows? interest in|showed interest in)",
            does=r"(?:interested in|want(?:s|ed)?|asked? (?:for|about))", subjects=_PERSON,
        ),
        Relation(
            "bought", "bought",
            r"(?:(?:has |have )?(?:bought|purchased)|buys?|purchases?|pays? for|paid for)",
            does=r"(?:buy|bought|purchased?|pay for|paid for|paying for)", nouns=r"(?:customers?|buyers?)",
            things=r"(?:purchases|sales)", past="(?:bought|purchased)", targets=("product",),
        ),
        Relation(
            "subscribed_to", "subscribes to",
            r"(?:subscribes? to|(?:is|are|was|were|has|have)? ?subscribed to|(?:has|have) a subscription (?:to|for|of))",
            does=r"subscribed? to", nouns=r"subscribers?", things=r"subscriptions?", targets=("product",),
        ),
        Relation(
            "adopted", "adopted", r"(?:(?:has |have )?adopted|adopts?)", does=r"adopt(?:ed)?", nouns=r"adopters?",
            past="adopted", targets=("product",), subjects=("company",),
        ),
        Relation(
            "opened", "opened", r"(?:opened|(?:has |have )?filed|reported|raised)",
            does=r"(?:open(?:ed)?|file|filed|report(?:ed)?|raised?)", past="(?:opened|filed|reported|raised)", targets=("ticket",),
        ),
        Relation(
            "influences", "influences",
            r"(?:influences?|influenced|(?:has|have) (?:an |some )?influence (?:over|on)|(?:is|are) influencing)",
            does=r"influenc(?:e|es|ed|ing)", nouns=r"(?:influencers?|influences)", past="influenced", targets=_PERSON,
            subjects=_PERSON,
        ),
        Relation(
            "referred", "referred",
            r"(?:(?:has |have )?(?:referred|invited|brought(?: in)?)|refers?)(?: us to)?", does=r"(?:refer(?:red)?(?: to us)?|invited?|br(?:ing|ought)(?: in)?)",
            nouns=r"referrers?", alone=r"(?:(?:the |our |recent |new |latest )?referrals|who (?:has |have )?(?:referred|invited) (?:us|someone|somebody|people|friends))", things=r"(?:referrals?|invitations?)", past="(?:referred|invited)", targets=_PERSON, subjects=_PERSON,
        ),
        Relation(
            "introduced", "introduced", r"(?:(?:has |have )?introduced|introduces)", does=r"introduced?",
            things=r"(?:introductions?|intros?)", past="introduced", targets=_PERSON, subjects=_PERSON,
        ),
        Relation(
            "reports_to", "reports to",
            r"(?:reports? to|reported to|works? (?:for|under)|(?:is|are) managed by)",
            does=r"(?:report(?:s|ed)? to|work(?:s)? under)", nouns=r"(?:direct )?reports", past="managed",
            targets=_PERSON, subjects=_PERSON,
        ),
        Relation(
            "works_at", "works at",
            r"(?:works? (?:at|for)|worked (?:at|for)|(?:is|are|was|were) (?:working|employed) (?:at|for|by))",
            targets=("company",), subjects=_PERSON,
        ),
    )
}  # fmt: skip

PEOPLE = r"(?:people|persons?|personas?|contacts?|everyone|everybody|anyone|anybody|someone|somebody|those|users?|customers?)"
FIRMS = r"(?:companies|firms|accounts|organi[sz]ations|businesses|company)"
PLACE = r"(?:at|in|from|within|inside|of)"

# Said by people before they ask; nothing hangs on it.
POLITE = (
    r"^(?:hi|hello|hey|please|could you|can you|would you|i want to know|i would like to know|i'd like to know|do you know|"
    r"show|show me|give me(?! (?:the |some |more )?(?:details|info|information|facts))|(?:a |the )?lists? of|list|find|find me|get|get me|display|tell me(?! about)|name|and|so|now|me|all|the|a list of|"
    r"us)[, ]+"
)

# Examples for people who ask what can be asked: one per family. `{persona}` ... stand for names of theirs.
EXAMPLES: tuple[tuple[str, str], ...] = (
    *DOORS,
    ("who", "who uses {product} at {company}"),
    ("who", "who are the champions of {product}"),
    ("who", "who praised {product} this quarter"),
    ("who", "who complained about {product} since March"),
    ("who", "who is blocking {product}"),
    ("who", "who is interested in {product}"),
    ("who", "which companies bought {product}"),
    ("who", "who influences {persona}"),
    ("who", "who reports to {persona}"),
    ("whom", "whom did {persona} refer"),
    ("whom", "what does {company} use"),
    ("whom", "which tickets did {persona} open in the last 90 days"),
    ("colleagues", "who works with {persona}"),
    ("colleagues_of_referred_using", "who works with people {persona} referred who use {product}"),
    ("staff", "who works at {company}"),
    ("employer", "where does {persona} work"),
    ("buying_group", "buying group of {company}"),
    ("path", "warm path from {persona} to {company}"),
    ("introducers", "who can introduce us to {company}"),
    ("changes", "what changed about {persona} since March"),
    ("story", "what happened with {company}"),
    ("evidence", "why do we believe that {persona} uses {product}"),
    ("influence", "how influential is {persona}"),
    ("top", "top advocates"),
    ("top", "who is most influential at {company}"),
    ("count", "how many people praised {product} in the last 30 days"),
    ("opinion", "what does {persona} think about {product}"),
    ("about", "tell me about {persona}"),
)
# Words of a question that mean the same as one of an example: stems, first word stands for all.
MEANINGS: tuple[tuple[str, ...], ...] = (
    ("use", "using", "user", "adopt", "login", "active", "work with"),
    ("champion", "promot", "support", "internal seller"),
    ("prais", "love", "like", "happy", "nice", "kudos", "compliment", "satisf", "delight", "fan"),
    ("complain", "unhappy", "angry", "hate", "problem", "issue", "bug", "frustrat", "churn", "risk"),
    ("block", "oppos", "against", "object", "stop", "veto"),
    ("interest", "want", "wish", "ask for", "lead"),
    ("bought", "buy", "purchas", "pay", "customer", "revenue", "deal", "subscri"),
    ("influen", "power", "important", "matter", "weight", "pagerank", "central"),
    ("report", "boss", "manag", "hierarch", "team", "org chart"),
    ("refer", "invit", "recommend", "bring", "brought"),
    ("ticket", "case", "incident", "helpdesk", "open"),
    ("colleague", "coworker", "works with", "peer", "teammate"),
    ("works at", "staff", "employee", "people at", "contact"),
    ("where", "employer", "company of"),
    ("buying", "decision", "decide", "committee", "stakeholder", "sign", "budget"),
    ("path", "connect", "reach", "route", "warm", "link"),
    ("introduc", "intro", "door", "know somebody"),
    ("chang", "new", "differ", "since", "moved", "update"),
    ("happen", "history", "timeline", "story", "past"),
    ("believe", "why", "evidence", "proof", "sure", "think"),
    ("top", "best", "most", "rank", "strongest", "leading"),
    ("how many", "count", "number", "much"),
    ("about", "tell", "profile", "summary", "overview"),
)
