"""Wordings the rules of the question sets look for. Each says its label by itself; what takes it away stands in `praise_words`."""

import re


def _any(*wordings: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(wordings) + r")", re.IGNORECASE)


RESOLVED = _any(
    r"(it|this|that|everything|all|the \w+|which|and|login|sync|export|import)( all)? (now )?(works?|is working|runs?|is running|loads?|opens?)( (fine|perfectly|well|smoothly|great|just fine))?,? ?(again|now|as (before|expected)|like before|properly|correctly)",
    r"works (again|now|perfectly|fine now|like a charm)\b",
    r"(is|are|was) (back up|back to normal|up and running)\b",
    r"(that|this|it|which|you|he|she|they|reset|update|change|fix|workaround|patch|link|answer|restart|setting)( (has|have|really|just|completely))? (did it|did the trick|fixed|solved|sorted|resolved|cured|helped)( (it|that|this|the \w+|our \w+|my \w+|everything|completely|perfectly|right away|immediately|a lot))?\b",
    r"(problem|issue|error|bug|ticket|case|question|fault|this|that|it|all|everything)('s| is| are| has been| was| seems| looks)?( (now|all|completely|finally|fully))? (gone|solved|resolved|fixed|sorted|settled|history)\b",
    r"(you can|please|feel free to|happy to|ready to|we can|i'?ll|i will|go ahead and|let'?s) (close|mark) (the|this|my|our|it)\b",
    r"can be closed\b|close the ticket\b|closing (this|the ticket|it|from my side)",
    r"no (further|more|new) (errors?|problems?|issues?|complaints?|action|help)\b",
    r"nothing (more|else) (needed|is needed|to do)\b",
    r"error (no longer|does not) (appears?|occurs?|shows?)\b|no longer (appears?|occurs?|happens?|shows?)\b",
    r"(l[aä]uft|geht|funktioniert|klappt)( alles| es| das)?( (jetzt|nun|wieder|einwandfrei|bestens))+",
    r"(problem|fehler|das|es)( hat sich| ist| wurde)? (gel[oö]st|behoben|erledigt|weg)\b|hat sich erledigt",
    r"([cç]a|tout|cela) (re)?(marche|fonctionne)( (bien|[aà] nouveau|maintenant|parfaitement))|(probl[eè]me|c'est) (est )?(r[eé]solu|r[eé]gl[eé])",
    r"(ya )?funciona( (bien|de nuevo|otra vez|ahora|perfectamente|todo))|(problema )?(ya )?(est[aá] |queda )?(resuelto|solucionado|arreglado)\b",
)
UNRESOLVED = _any(
    r"(still|yet|continues? to) (not\b|broken|fail\w*|crash\w*|wrong|down|open|waiting|missing|the same|shows?|gets?|see|happen\w*|doesn'?t|does not|isn'?t|is not|can'?t|cannot|unable|unresolved|unsolved|no )",
    r"(does|do|did|is|was|has|have|are|can|could)(n'?t| not) (yet |really |actually )?(work|help|fix|solve|load|open|change anything|made? (any|a) difference|resolved?|fixed|solved|working|help(ed|ing)?)\w*\b",
    r"(made|makes) no difference\b|no (change|improvement|success|luck|difference|result)\b|without (success|result|any change)\b|to no avail\b",
    r"(the )?same (error|problem|issue|result|outcome|code|message|thing|behaviou?r|blank|picture|symptom\w*)\b",
    r"(came|come|comes|is|are|was|were) back\b(?! (up|to normal|online|in (business|action)))",
    r"(happen(s|ed)|occur(s|red)|fail(s|ed)|broke|broken|crash(es|ed)|freez(es|ing)|froze|stopped|down|wrong|empty|off) again\b|again (the|the same|an?) (error|problem|blank|crash|failure)",
    r"(re-?open(ing|ed)?|re-?appear(s|ed)|return(s|ed) (after|within|an hour|this))\b",
    r"(made|makes|got|getting|is) (it |things |everything )?(even )?worse\b",
    r"not (fixed|solved|resolved|working|better|there yet|gone)\b",
    r"not a (solution|fix)\b|is no (solution|fix|help)\b|(closed|close) (it|this|my ticket|the ticket)?,? ?without\b",
    r"keeps? (happening|failing|crashing|coming back|asking|losing)\b|only (worked|helped|lasted) (for|until)\b",
    r"(geht|l[aä]uft|funktioniert|klappt)( (es|das|immer|noch|weiterhin|leider))* nicht\b|(wieder|immer noch) (der|das|die)(selbe|gleiche)?n? (fehler|problem)",
    r"ne (marche|fonctionne)( \w+)? pas\b|toujours (pas|le m[eê]me|la m[eê]me)|sigue (sin|igual|fallando)|no funciona\b|mismo (error|problema)",
)
WILLING = _any(
    r"(would|will|can|do|could|i'?d|we'?d|i'?ll|we'?ll|happily|gladly|definitely|highly|strongly|warmly|always|already|have|has|had|absolutely|certainly|only|to|and|i|we|he|she|they)( (happily|gladly|definitely|highly|strongly|warmly|always|already|certainly|absolutely|only|also|often|all|be|been))* (recommend(ed|ing|s)?) (you|it|this|them|us|your|the|our|to (everybody|everyone|anyone|others|all|friends?|colleagues?|any)|\w+ to)\b",
    r"(happy|glad|willing|ready|prepared|offered|offers|agreed|love|volunteer\w*|be|as|serve as) (to (be|act|serve)( as)? )?an? (reference|referee|case study|testimonial)\b|reference customer\b|(use|quote|name) (us|me|our (name|logo)) (as|on|in|freely)|feel free to (quote|name|use)|(give|pass on|share) my (number|name|contact|address)",
    r"(told|tell|telling|tells|mention\w*|spread\w*|brag\w*|rave[sd]?|raving)( \w+){0,6} (about (you|it|your|this|us|them|dispatch|routes)|the word|word)\b",
    r"(offered|volunteered|happy|willing|agreed|would love|glad) to (speak|present|talk|write|give a talk|record|host)\b",
    r"(referred|sent|bring|brought|pointed)( \w+){0,4} (to you|your way|to us|our way)\b",
    r"(empfehle|empfehlen)( \w+){0,3} (gerne?|weiter|euch|sie|jedem|allen)|weiterempf\w+",
    r"je (vous )?recommande|nous recommandons|(lo|la|os|les) recomend(o|amos|ar[ií]a)|recomendar[ií]a",
)
UNWILLING = _any(
    r"(would|will|can|could|do|did|does)(n'?t| not|not)( \w+){0,2} recommend\b|cannot recommend\b|can'?t recommend\b|never recommend\b|not (something|one) (i|we) (would|could|can) (recommend|pass on)|hard to recommend\b|(unlikely|reluctant|unable) to recommend\b",
    r"(not|never|no longer|won'?t|refus\w+ to) (be|act as|serve as|want to be)?( \w+){0,2} (a )?(reference|named|quoted)\b|take (our|my) (logo|name) (off|down)\b",
    r"(warn\w*|advis\w*|told|tell\w*)( \w+){0,5} (against|to (look elsewhere|stay away|avoid|keep away|think twice))\b|\bwarn(ed|ing|s)? (everyone|everybody|others|people|them)\b|stay away\b",
    r"would(n'?t| not) (choose|buy|take|pick|sign)( \w+){0,2} again\b",
    r"(rate|raten)( \w+){0,3} davon ab|nicht (weiter)?empfehl\w*|ne (vous |le |la )?recommande(rais)? pas|no (lo |la |os )?recomend",
)
LEAVING = _any(
    r"(cancel|terminate|end|quit|discontinue)\w* (our|the|their|my|this)( \w+){0,2} (contract|subscription|account|agreement|licen[cs]es?|membership|plan)\b|(gave|give|given|giving|handed in|received|sent)( us| them| you)? (formal |written |their |our )?notice\b|notice (of|to) (termination|cancel\w*|terminate)|notice period\b|\b(are|is|be) (leaving|churning|gone) (us|you|for good)\b",
    r"(close|delete|shut down|export) (our|the|my|their)( whole| entire)? (account|workspace|tenant|data and)\b",
    r"(do|does|did|will|won'?t|would|not|n'?t)( not)? (be )?(renew(ing)?|continu(e|ing)|extend(ing)?|prolong(ing)?)\b(?= \b(with|after|the|our|their|this|beyond|when|it|and|next|in|at|again)\b|[.!]|$)",
    r"(have|has|had|are|is|we'?ve|they'?ve|already|decided to|going to|will) (switch(ed|ing)?|mov(e|ed|ing)|migrat(e|ed|ing)|chang(e|ed|ing)) (to|over to|away)( \w+){0,3}( (system|vendor|provider|tool|competitor|else|supplier|solution|product))\b|we have switched\b|going with (somebody|someone|another|a different|a competitor)|(chose|chosen|picked|signed with) (another|a competitor|somebody else|someone else|a different)",
    r"(last|final) (invoice|month|day|year) with (you|us)\b|no longer need (it|you|your|the (product|service|account|licen))",
    r"k[uü]ndig(en|ung|t)\b|r[eé]sili(er|ons|ation)\b|darnos de baja|dar de baja|rescindir",
)
DOUBTFUL = _any(
    r"(look(ing|ed|s)?|check(ing)?|evaluat(e|ing)|compar(e|ing)|considering|consider|explor(e|ing)|talk(ing|ed)? to|shopping) (at |into |for |around |out )?((two|three|some|several|other|for|an|a few|cheaper|various) )*(alternatives?|other (vendors?|tools?|systems?|suppliers?|options|providers?|products?|solutions?)|competitors?)\b|look(ing)? around\b|look elsewhere\b|alternatives? (are|is) (being|under)",
    r"(renewal|contract|extension|future|account)( \w+){0,3} (is |are |looks |seems )?(not certain|uncertain|in (danger|doubt|question)|at risk|shaky|unclear|open|on hold|wobbly|questioned)\b|(danger|risk) (of|to) (the )?(renewal|churn|losing)|at risk of (leaving|churn)",
    r"(budget|spend\w*|costs?)( \w+){0,4} (cut|frozen|slashed|reduced|tight|gone|under review|halved)\b|(cut|slash\w*|reduc\w*|freez\w*|frozen)( \w+){0,3} budgets?\b|(justify|question\w*|challeng\w*|ask\w* why)( \w+){0,6} (cost|costs|price|spend|expense|pay (for|so)|need (it|this|you)|keep (it|you))\b",
    r"(competitor|another vendor|rival|cheaper)( \w+){0,4} (offer|offered|price|quote|bid)\b|(cheaper|better|competing) offer\b|prefers? (a competitor|another|the other|what)|(usage|use|logins?|activity)( \w+){0,3} (down|dropped|fallen|declin\w+|halved|collapsed)\b|(barely|hardly|no longer|rarely) (use|uses|used|log)\b",
    r"(may|might|could|probably|perhaps) (not )?(need|leave|cancel|switch|drop|renew|stop|go|move)( \w+){0,3}\b(it|you|us|this|contract|away|elsewhere|another|anymore|any more)?|(exit clause|opt[- ]?out clause|get out of the contract|shorter (term|contract))",
    r"(ask|asked|asks|asking) (for|about) (the |our |their )?(notice|cancel\w+|terminat\w+|exit)",
    r"(pr[uü]f\w*|such\w*|schau\w*|vergleich\w*)( \w+){0,4} alternativen|cherch\w+ (des|une) alternative|busca\w* (una )?alternativas?",
)
STAYING = _any(
    r"(renew(ed|al)?|extend(ed|s)?|prolong(ed)?|contract|sign(ed)?)( \w+){0,5} (for (another|two|three|four|five|\d+)( more)? (years?|months?)|is (through|signed|done|approved|confirmed)|(signed|approved|confirmed|through))\b|(signed|agreed to|approved|accepted)( \w+){0,3} (renewal|extension|new (term|contract))\b",
    r"(add|adds|added|adding|order(ed)?|buy|buying|bought|need|want|take)( \w+){0,4} (seats?|licen[cs]es?|users?|vans?)( more)?( from| in| for|[.!]|$)|more (seats|licen[cs]es)\b",
    r"upgrade (us|our|the|to)\b|(roll|rolling|rolled)( \w+){0,3} out (to|in|at|across)\b|(bigger|larger|higher) plan\b",
    r"(here|going|want|decided|plan) to stay\b|(not|no plans to|won'?t|will not) (leave|chang\w+ vendors?|switch\w*|go anywhere)\b|happy to (renew|continue|stay)\b",
    r"(will|want to|would like to|plan to|going to|gladly) (renew|extend|continue with|stay with)\b|verl[aä]nger(n|t|ung)\b|renov(amos|ado|aci[oó]n)|renouvel(ons|l[eé]|lement)",
)
OBJECTS = (
    ("support", _any(r"support\b|help ?(desk|line)?\b|hotline|answer(s|ed)?\b|repl(y|ies|ied)\b|service\b|ticket|response\b|call back|queue\b|hilfe\b|antwort\w*|soporte|assistance")),
    ("price", _any(r"pric(e|es|ing|ey)\b|invoice[ds]?\b|bill(ed|ing|s)?\b|contract\b|expensive|cost(s|ly)?\b|fee(s)?\b|licen[cs]\w* model|charg(e|ed|es)\b|rip-?off|preis\w*|rechnung\w*|teuer|prix|factura\w*|precio\w*")),
    ("people", _any(r"(account|success|project) manager\b|trainer|consultant|engineer\b|colleague|team of yours|your (team|people|man|lady|girl|guy)|she|he|mr|ms|mrs|lady|gentleman|kolleg\w*")),
    ("product", _any(r"product|app\b|tool\b|software|feature|screen|map\b|board\b|report\w*|update|version|interface|module?\b|export|import|calendar|search|dashboard|system\b|release|platform|plan(ner|ning)|program\w*|funktion\w*|aplicaci[oó]n|logiciel")),
)  # fmt: skip
USES = _any(
    r"us(e|es|ing)\b|work(s|ing)? (with|in)|run(s|ning)?\b|plan(s|ning)? (\w+ ){0,4}(in|with)|open(s)?\b|log(s)? in|(every|each) (day|morning|week)|daily|do everything in|(in|on|through|via|with|inside)\b|roll(ed)? out|live (with|on)|nutz\w*|arbeit\w* mit|utilis\w*|us(amos|an|o)\b"
)
WANTS = _any(
    r"demo\b|trial of|offer\b|quote\b|pric(e|es|ing)\b|costs?\b|interest\w*|curious|would (like|love)|wants?\b|want(ed)? to (see|try|know|buy|have)|asked (about|for|when|whether)|try\b|beta\b|buy(ing)?\b|tell me more|information (about|on)|know more|add(ing)?\b|wish(es)?\b|looking at|available|angebot\w*|interessier\w*|int[eé]ress\w*"
)
REJECTS = _any(
    r"stop(ped)? (using|with)|decided against|not for us|went back|no (more )?(interest|need)|turn(ed|s)? (it |down )|switched? (it )?off|will not (buy|take|use)|won'?t (buy|take|use)|do(es)? not (use|want|need|allow)|don'?t (use|want|need)|doesn'?t (use|want|need)|take .{1,30} off (our|the) plan|gave up (on|with)|cancell?ed|got rid of|no longer (use|need)|reject\w*|declin\w*"
)
