"""Wordings of relations between people and products, in the order in which they are tried. `{a}` and `{b}` are named ends."""

import re


def _any(*wordings: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(wordings) + r")", re.IGNORECASE)


# The subordinate stands before the words (UNDER) or after them (OVER).
REPORTS_UNDER = _any(
    r"(now )?(reports?|reporting|answers?|answering) (directly |now |straight )?to\b",
    r"works? (directly )?(under|for)\b",
    r"('s| is| are)? (the |a )?direct reports? (of|to)\b",
    r"(is |are )?(on|in|part of) \w+('s|s') (team|staff|group|department)\b",
    r"(his|her|their) (direct |line |new |immediate )?(boss|manager|superior|supervisor|chief|head|line manager|lead) (is|was|became|,)",
    r"is (now )?(his|her|their) (new |direct |line )?(boss|manager|superior|supervisor|lead)\b",
    r"(has|have|needs?) to ask (his|her|their) (boss|superior|manager|supervisor)\b",
    r"(berichtet|rapportiert) an\b",
    r"(rend compte|est rattach[eé]e?) [aà]\b",
    r"(reporta|depende) (a|de)\b",
)
REPORTS_OVER = _any(
    r"(is|was|became|has become|remains) (now )?\w+('s|s') (new |direct |line )?(boss|manager|superior|supervisor|lead|head)\b",
    r"(is|was|became|has become) (now )?(the )?(new )?(boss|manager|superior|supervisor|lead|head) of\b(?= [A-Z])",
    r"(is|was) (now )?(\w+ )?\w+('s|s') (boss|manager|superior|supervisor)\b",
    r"(now )?(leads|manages|supervises|heads)\b(?= (?-i:[A-Z]))",
    r"(has|with) \w+ (and \w+ )?(under|below) (him|her)\b",
)
INTRODUCED = _any(
    r"introduc(ed|es|ing|tion)\b",
    r"(put|puts|brought|brings)( \w+){1,4} (in (touch|contact)|together) with\b",
    r"(connect(ed|s)?)( \w+){1,3} (with|to)\b",
    r"made the (intro|connection|contact)\b",
    r"intro (by|from|to|through)\b",
    r"(forward|pass)ed (our|my|your) (details|name|number|mail|contact\w*) (on )?to\b",
    r"(i would like|i want|let me) (you )?to (meet|introduce)\b|meet (my|our) (friend|colleague|former)\b",
    r"walked( \w+){1,5} over to (us|our)\b",
    r"(via|through|thanks to)( \w+){1,2} (we|i) (got to know|met|could talk|know)\b",
    r"vorgestellt\b|pr[eé]sent[eé] [aà]|nos present[oó]",
)
CHAMPION = _any(
    r"champion(s|ing|ed)?\b",
    r"(our|the) (strongest|biggest|best|loudest|main|internal|great(est)?|most loyal) (supporter|advocate|voice|fan|ally|believer|promoter|sponsor)\b",
    r"advocat(e|es|ed|ing) (for|inside|internally)\b|our (internal |inside )?(advocate|ally|sponsor|voice)\b",
    r"(fights?|fought|fighting|battl\w+|lobb(y|ies|ied|ying)|campaign\w*|went to bat|speaks? up|spoke up|stands? up|stood up|stuck (his|her|their) neck out|vouch\w*) for\b",
    r"(keeps?|kept|is) (pushing|promoting|selling|defending|praising)\b|(push(es|ed)?|promot(es|ed)|sell(s)?|sold|defend(s|ed)|carr(ies|ied)|drove|drives|pressed for|spread(s)?) (\w+ ){0,4}(inside|internally|through|past|in(to)? (every|the|their)|to (his|her|their)|roll-?out|forward|hard|against|in their|at (his|her|their))\b|defended\b",
    r"(convinced|persuaded|won over|won (two|three|several|some)|talked round)\b|won( \w+){1,4} over\b|made the (business )?case\b|(wrote|writes|built|has written|prepared) (the|a|an) (business case|internal (guide|case|manual|deck))\b|wrote (an? )?internal\b",
    r"(tells?|told|telling) (everyone|everybody|the (whole|entire)|all|his|her|their)( \w+){0,6} (should|to (use|plan|work|switch|try|get)|about (it|us|our))\b|tells everyone\b",
    r"(presented|shown?|showed|demo(n?strat)?ed)( \w+){0,5} (to (the|their|his|her) (board|management|depot managers|directors|bosses|team|colleagues|c-level)|on our behalf)\b|real believer|true believer|evangel\w+|(because of|thanks to) (him|her)( \w+){0,6} (want|wants|join|joined) ",
    r"f[uü]rsprecher\w*|setzt sich f[uü]r|pousse pour|defiende\b|nuestro gran aliado",
)
BLOCKED = _any(
    r"block(s|ed|ing|er)?\b|veto(es|ed|ing)?\b|oppos(es|ed|ing)\b",
    r"(hold(s|ing)?|held) (up|back)\b|(is|are) (stuck|held up|hanging|on hold)( \w+){0,2} (with|because of|by|at)\b|hangs on\b|sits? on (the|our|it)\b|sitting on (the|our)\b",
    r"(refus(es|ed|ing)|declin(es|ed)) to (sign|approve|release|let|allow|accept|give)\b|(does|do|will|would|did|is)(n'?t| not) (want|accept|allow|sign|approve|let|support|release)( \w+){0,4} (another|system|tool|it|us|product|before|until|the|any)\b|does not want another\b",
    r"(put|puts) a stop to\b|stopp(ed|ing) (the|our|it|all)\b|kill(s|ed) (the|our|it)\b|(drags?|dragging|dragged) (his|her|their) feet\b|(against|resist\w*|fights?|torpedo\w*|sabotag\w*|undermin\w*) (us|it|the (product|roll-?out|project|purchase|change|idea|system))\b|says? no\b|said no\b|will not go further\b|not (go|move) (any )?further\b|(main|biggest|only) (obstacle|opponent|hurdle|sceptic|skeptic)\b|gatekeep\w+|bottleneck\b",
    r"(frozen?|froze|paused|cut|pulled|stalled) (the|our) (order|roll-?out|purchase|budget|project|seats|contract)\b|blockiert\b|verhindert\b|bremst\b|bloque\b|frena\b",
)
EVALUATING = _any(
    r"(is|are|was|were|be|been|started|now|keeps?|for|still)?( \w+)? ?(evaluat(es?|ed|ing|ion)|assess(es|ed|ing|ment)?|compar(es|ed|ing|ison)|shortlist\w*|short[- ]list\w*|scor(es|ing) (\w+ )?(vendors|us)|benchmark\w*|tender\b|rfp\b|vendor selection|selection process|bake-?off)",
    r"(proof of concept|poc\b|pilot(s|ing|ed)?\b)",
    r"(test(s|ed|ing)?|tries|trial(s|led|ling)?|trying) (\w+ ){0,3}(out|against|with|for|in|at|until|until|before|on their)\b|(on|in|start\w*|running|runs?|began|has|have) (a |the |an? \w+ )?trial\b|test (account|data|phase|run)\b|before (anything|they|he|she|it)( is| are)? (signed?|bought|decid\w+|buys?)\b|on their own data\b|asked for( \w+){0,2} references\b",
    r"evaluier\w*|[eé]valu(e|ent|ation)\b|eval[uú]a\w*|testet\b|vergleicht\b",
)
INTERESTED = _any(
    r"(is|are|was|were|seems?|very|really|showed|shows|expressed|has|real|much|also)( \w+){0,2} interest(ed)?\b|interested in\b|curious (about|to|whether)\b|keen (on|to)\b",
    r"(wants?|would like|would love|wished|wishes|hopes|asked|asks|requests?|requested|begs?)( again| twice| for| to| \w+){0,4} (a )?(demo|see|try|know|quote|offer|trial|information|brochure|price|prices|pricing|join|have a look|test|beta|more about)\b",
    r"(asked|asks|asking|enquired|inquired|wondered|questions?) (again |twice |us |me |also )?(about|whether|if|when|how|what)\b",
    r"(send|sent|sending)( \w+){0,4} (information|details|brochure|offer|quote|pricing) (about|on|for)\b|can we show\b|read (the|our|your) (release notes|announcement|news\w*|blog|case study)\b|signed up for (the|a|our) (webinar|beta|demo|waiting list)\b|has (\w+ )?questions (about|on)\b",
    r"interessiert sich|h[aä]tte gern|int[eé]ress[eé]e?|interesad[oa]",
)
COLLEAGUES = _any(
    r"(colleagues?|co-?workers?|team-?mates?|workmates?|desk neighbou?r|peers?)\b",
    r"(shares?|sit in|in) (an|the same|one|a) (office|team|room|department|desk)\b|(sits?|works?|sitting|working) (next to|alongside|side by side|together|with)\b",
    r"(stands?|standing|fills?|cover(s|ing)?|deputi[sz]es?) (in )?for\b|(both|the two|two of them|they)( \w+){0,6} (together|same (team|office|department)|in the \w+ (team|department))\b|jointly\b|in tandem\b|kolleg(e|in|en)\b|coll[eè]gues?\b|compa[nñ]er[oa]s?\b",
)
FLAT = re.compile(r"(?<!\w)(maybe|perhaps|might|would(?! (like|love))|could(?! we)|unless|possibly|probably|apparently|rumou?r\w*|i (think|guess|suspect)|we should|it would be|would be (nice|good|great)|hope\w*|wish we|could become|not yet clear|unclear|who is|find out|one day|if (he|she|they|we)|used to|no longer|formerly|ex-|was once|never|nobody|no one|vielleicht|eventuell|peut-[eê]tre|quiz[aá]s?)\b|\?", re.IGNORECASE)  # fmt: skip
NEGATED = re.compile(
    r"(?<!\w)(not|n't|no|never|nobody|none|hardly|without|nicht|kein\w*|ne|pas|ni)\s+(\w+\s+){0,3}$", re.IGNORECASE
)

# Label -> its wordings; the first label that holds in a clause is its label.
ORDERED = (
    ("introduced", INTRODUCED),
    ("reports_to", REPORTS_UNDER),
    ("reports_to", REPORTS_OVER),
    ("blocked_by", BLOCKED),
    ("champion_of", CHAMPION),
    ("evaluating", EVALUATING),
    ("interested_in", INTERESTED),
    ("colleague_of", COLLEAGUES),
)
