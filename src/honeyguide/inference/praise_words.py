"""Words of praise and complaint, what turns them round, and what makes a text untrustworthy. For `praise`.

Only words that carry a judgement by themselves stand here: "thanks" is politeness, "help" is a request.
"""

import re

PRAISE = re.compile(
    r"\b(excellent|outstanding|fantastic|amazing|awesome|brilliant|superb|wonderful|phenomenal|stellar|impressive|flawless(ly)?"
    r"|exceptional|top[- ]notch|first[- ]class|life ?saver|above and beyond|works? (perfectly|flawlessly|like a charm)"
    r"|works? great|(really|very|so|extremely|super) (helpful|happy|pleased|impressed|grateful|satisfied|fast|quick|good|great)"
    r"|(we|i) (really |absolutely |just )?love\b|saved (us|me|our|my|the day)|made (our|my) day|couldn'?t be happier|highly recommend"
    r"|best support|great (support|service|help|job|work|team|product|experience)|perfect(ly)?( solved| resolved| fixed)?"
    r"|ausgezeichnet\w*|hervorragend\w*|fantastisch\w*|grossartig\w*|großartig\w*|super (hilfreich|service|support|schnell)"
    r"|sehr (hilfreich|zufrieden|schnell|gut)|begeistert|klasse (service|support)|toller? (service|support|hilfe)"
    r"|excellente?|parfait(e|ement)?|formidable|genial(e)?|génial(e)?|tr[eè]s (satisfaite?s?|rapide|utile|efficace|content(e)?)|impeccable|bravo"
    r"|excelente|fant[aá]stic[oa]|estupend[oa]|perfect[oa](mente)?|muy (satisfech[oa]s?|contentos?|r[aá]pid[oa]|útil|util|buen[oa])|encantad[oa]s?"
    r"|eccellente|ottimo|fantastico|uitstekend|geweldig)\b",
    re.IGNORECASE,
)
COMPLAINT = re.compile(
    r"\b(terrible|horrible|awful|useless|unacceptable|disappoint(ed|ing|ment)|frustrat(ed|ing|ion)|ridiculous|pathetic|appalling"
    r"|disgraceful|the worst|waste of (time|money)|waste our time|fed up|sick of|unusable|joke of a|still (broken|failing|crashing|waiting|down|unresolved)"
    r"|still (not|isn'?t|doesn'?t|does not|is not) (work\w*|fixed|solved|resolved)|keeps? (crashing|failing|breaking)|never (works?|answered|replied|got an answer)"
    r"|(very|really|extremely|so) (unhappy|slow|bad|poor|annoying|annoyed|angry|upset|dissatisfied)|nobody (answers?|replied|responded)|losing (money|customers|data)"
    r"|want (a|our|my) (refund|money back)|looking for (an )?alternatives?|cancel(l)?ing (our|my)"
    r"|katastroph\w*|unbrauchbar|inakzeptabel|entt[aä]usch(t|end)|unzufrieden|frustriert|sehr (langsam|schlecht|ärgerlich)|funktioniert (immer noch )?nicht"
    r"|inacceptable|d[eé]çue?s?|inutilisable|catastrophique|tr[eè]s (lent|mauvais|d[eé]çue?)|ne (fonctionne|marche) (toujours )?pas"
    r"|inaceptable|decepcionad[oa]s?|p[eé]sim[oa]|in[uú]til|muy (lent[oa]s?|mal[oa]s?|insatisfech[oa]s?)|sigue sin funcionar|no funciona)\b",
    re.IGNORECASE,
)
# Within a few words before a judgement these take it away; they never turn it into its opposite.
NEGATION = re.compile(
    r"\b(not|no|never|hardly|barely|neither|nor|nothing|nobody|none|without|less than|far from|anything but|isn'?t|wasn'?t|aren'?t|weren'?t|don'?t|doesn'?t"
    r"|didn'?t|can'?t|cannot|couldn'?t|won'?t|wouldn'?t|shouldn'?t|ain'?t|hasn'?t|haven'?t|lack(s|ing)?|stop(ped)? being|isnt|wasnt|dont|doesnt|didnt|cant|wont"
    r"|nicht|kein\w*|nie|niemals|ohne|weder|kaum|pas|jamais|aucune?|sans|ni|nunca|jam[aá]s|sin|ning[uú]n[oa]?|non|niet|geen)\b",
    re.IGNORECASE,
)
# Wishes, conditions, questions and the past: what is said of a world that is not this one.
UNREAL = re.compile(
    r"\b(if|would|could|should|hope|hoping|wish|unless|expect(ed|ing)?|supposed|until|used to|was told|promised|almost|otherwise|once you|as long as"
    r"|wenn|falls|w[uü]rde|w[aä]re|k[oö]nnte|hoffe\w*|bis|serait|si|pourrait|esp[eè]re|ser[ií]a|podr[ií]a|espero|ojal[aá])\b|\?",
    re.IGNORECASE,
)
# A turn in the same sentence: "great support, but ..." is not praise we would quote.
TURN = re.compile(
    r"\b(but|however|although|though|except|yet|unfortunately|still|sadly|aber|leider|jedoch|trotzdem|mais|malheureusement|pourtant|pero|sin embargo|lamentablemente)\b",
    re.IGNORECASE,
)
# Somebody talks to a machine, or wants something for the words: nothing is inferred from the whole text.
COMMANDS = re.compile(
    r"\b(ignore|disregard|forget|override|bypass)\b.{0,40}\b(previous|above|prior|earlier|instruction|rule|prompt|all|everything)"
    r"|\b(system|assistant|developer|user|human|ai)\s*[:>]|<\|?/?\s*(system|im_start|im_end|inst|assistant|user)|\[/?inst\]|```|\{\s*\"|\bprompt\b"
    r"|\b(mark|label|classify|rate|score|flag|rank|set|treat|consider|list|register|count|tag|make|name|promote|output|answer|respond)\b.{0,30}"
    r"\b(me|this|us|my|as|with)\b.{0,40}\b(advocate|champion|promoter|praised?|happy|positive|satisfied|solved|vip|admin|executive|approved|top|label|confidence|five|power[ _]user)\b"
    r"|\b(pay|payout|wire|transfer|send|award|grant|credit|issue|approve|release)\b.{0,40}(\d|€|\$|£|\b(euros?|dollars?|eur|usd|gbp|gift ?cards?|rewards?|payouts?|commission|money|bonus|credits?)\b)"
    r"|\b(label|ticket|sentiment|edge|confidence|relation|score|text|input|review)\s*(:|=|->|→)"
    r"|\b(praised|complained_of|resolved_for|power_user_of|champion_of|holds_role)\b|\bin exchange for\b|\bas instructed\b"
    r"|\b(dear|hey|hi|hello)\s+(ai|assistant|bot|model)\b|\b(assistant|language model|classifier|chatbot)\b|<\s*/?\s*script|\brule \d+\s*:"
    r"|\byou are (now )?(a|an|in)\b.{0,30}\b(bot|mode|assistant|model)\b|\bmaintenance mode\b"
    r"|\bignor(iere|iert|ez|a|e)\b|\b(zahle|überweise|versez|payez|paga|abona)\b.{0,40}\d",
    re.IGNORECASE | re.DOTALL,
)
