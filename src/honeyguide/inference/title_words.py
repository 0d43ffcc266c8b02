"""The words job titles are made of, in the languages our customers write: the lexicon of `titles`.

Patterns run over a spelled-out title (`titles.spell_out`): lower case, no accents, separators as spaces around,
abbreviations in full. German, French, Spanish, Portuguese, Italian and Dutch stand beside English, because one
workspace sees all of them.
"""

import re

# Ladder of seniority. `level` in an edge's detail is the number.
LEVEL = {"executive": 5, "vp": 4, "director": 3, "manager": 2, "individual": 1}

DEPARTMENTS = (
    "engineering", "product", "design", "data", "it", "security", "sales", "marketing", "customer_success",
    "finance", "people", "legal", "operations", "general",
)  # fmt: skip

# Written short, meant long. Whole words only, after lower-casing and with the dots taken away.
SHORT = {
    "sr": "senior", "snr": "senior", "jr": "junior", "jnr": "junior", "dir": "director", "mgr": "manager",
    "mngr": "manager", "mgmt": "management", "eng": "engineering", "engg": "engineering", "engr": "engineer",
    "dev": "developer", "vpe": "vp engineering", "vpp": "vp product", "vps": "vp sales", "vpm": "vp marketing",
    "vice-president": "vp", "vicepresident": "vp", "pres": "president", "exec": "executive", "ops": "operations",
    "revops": "revenue operations", "devops": "developer operations", "secops": "security operations",
    "bizops": "business operations", "bizdev": "business development", "mktg": "marketing", "mkt": "marketing",
    "mktng": "marketing", "biz": "business", "acct": "account", "admin": "administrator", "asst": "assistant",
    "assoc": "associate", "tech": "technology", "cs": "customer success", "csm": "customer success manager",
    "cx": "customer experience", "ux": "user experience", "ui": "user interface", "hr": "human resources", "rh": "ressources humaines",
    "swe": "software engineer", "sde": "software engineer", "sre": "site reliability engineer",
    "pm": "product manager", "pmm": "product marketing manager", "bdr": "sales development representative",
    "sdr": "sales development representative", "ae": "account executive", "rep": "representative",
    "spec": "specialist", "intl": "international", "glbl": "global", "svp": "senior vp", "evp": "executive vp",
    "avp": "assistant vp", "gvp": "group vp", "rvp": "regional vp", "md": "managing director",
    "gm": "general manager", "gf": "geschaftsfuhrer", "gl": "gruppenleiter", "tl": "teamleiter",
    "dg": "directeur general", "dga": "directeur general adjoint", "drh": "directeur ressources humaines",
    "daf": "directeur financier", "raf": "responsable financier", "dsi": "directeur informatique",
    "rssi": "responsable securite", "dpo": "data protection officer", "ceo's": "ceo", "ciso": "chief security officer",
    "fin": "finance", "infosec": "information security", "ml": "machine learning", "ai": "machine learning",
    "qa": "quality assurance", "gtm": "go to market", "l&d": "learning development", "pr": "public relations",
    "sen": "senior", "hd": "head", "dept": "department", "bus": "business", "bi": "business intelligence",
    "bp": "business partner", "sys": "systems", "ti": "it", "csms": "customer success managers",
    "vciso": "chief security officer", "softw": "software", "sw": "software",
}  # fmt: skip

# The letters of a chief and the department they stand for (None: chief, but several departments are meant).
CHIEFS: dict[str, str | None] = {
    "ceo": "general", "pdg": "general", "cto": "engineering", "cfo": "finance", "coo": "operations",
    "cmo": "marketing", "cro": "sales", "cpo": "product", "cio": "it", "chro": "people", "clo": "legal",
    "cco": None, "cdo": "data", "cso": None, "cxo": None, "cao": None, "cino": None, "cbo": None, "cgo": "marketing",
    "cpto": "product", "cdto": "it",
}  # fmt: skip

# Titles that say little or mislead: we abstain rather than guess.
UNCLEAR = re.compile(
    r"\b(former|formerly|ex|retired|emeritus|unemployed|looking for|seeking|open to work|aspiring|student"
    r"|ehemaliger?|ancien(ne)?|jubilado|rentner(in)?|retraite|guru|ninja|wizard|rockstar|evangelist of|happiness|ignore|instructions?|make me|please|pay me)\b"
    r"|^(n a|na|none|null|unknown|test|other|mr|mrs|ms|dr|self|myself|tbd|x+|employee|staff|team|worker|various)$"
)

# Someone who serves the person named after it: the words that follow are not theirs.
SERVES = re.compile(
    r"\b(executive|personal|administrative|management|team)? ?assist(ant|ent|entin|ente|ante|enz|ance) "
    r"(to|of|of the|to the|der|des|de|du|to our)\b.*|\b(ea|pa) to\b.*|\b(assistenz|assistent(in)?) (der|des|von) .*"
    r"|\b(office|buro|secretary|secretaire|secretaria|sekretar(in)?) (of|to|de|du|der|des) .*"
    r"|\b(executive|personal|management) (assistant|secretary)\b.*|\basistente (de|del|a) .*"
    r"|\b(board member|advisor|adviser|investor|mentor) (to|at|of|for|in)\b.*"
)

# Managers of a thing, not of people: by convention individual contributors, whatever "senior" stands before.
MANAGES_THINGS = re.compile(
    r"\b(product( marketing| line)?|project|programme?|technical program|account|key account|client|customer success"
    r"|customer|community|relationship|partner|partnerships?|channel|alliance|territory|case|brand|campaign|content"
    r"|social media|event|events|delivery|release|success|portfolio|onboarding|implementation|engagement"
    r"|technical account|growth marketing|produkt|projekt|kunden|proyecto|producto|projet|produit)[ -]?manager(in)?\b"
    r"|\bmanager(in)? of accounts\b|\b(produkt|projekt|account|key account|community|kunden)manager(in)?\b"
    r"|\b(chef|cheffe|chefe|jefe|jefa|gerente|gestor(a)?) d[eo] (projets?|produits?|proyectos?|productos?|projetos?|produtos?"
    r"|cuentas?|comptes?)\b|\bproject ?leiter(in)?\b|\bprojekt ?leiter(in)?\b|\bproduct owner(in)?\b|\bscrum master\b"
)

EXECUTIVE = re.compile(
    r"\bchief\b.{0,60}\b(officer|executive)\b|\bco ?-?founders?\b|\bfounders?\b|\bfounding (partner|ceo)\b"
    r"|\b(co ?-?owner|owner|proprietor|inhaber(in)?|eigenaar|eigentumer(in)?|titolare|dueno|duena|propietari[oa]|proprietaire)\b"
    r"|\b(managing|general|senior|equity|founding) partner\b|^partner\b|\bsocio\b|\bassocie(e)?\b"
    r"|\bmanaging director\b|\bexecutive director\b|\b(?<!vp )president(e|a|in)?\b|\bchair(man|woman|person)?\b"
    r"|\bprincipal owner\b|\bgeschaftsfuhr(er|erin|ung|ender)\b|\bgeschaeftsfuehr(er|erin|ung)\b"
    r"|\b(?!bereichs)\w*vorstand(s|smitglied|svorsitzender?)?\b|\bgerente general\b"
    r"|\bdirect(eur|rice)( -)? generale?\b|\bdirector(a)? (general|ejecutiv[oa]|gerente)\b|\bdiret(or|ora) (geral|executiv[oa])\b"
    r"|\bdirettore generale\b|\bdirettrice generale\b|\bamministrat(ore|rice) (delegat[oa]|unic[oa])\b|\bconsejer[oa] delegad[oa]\b"
    r"|\b(co ?)?fondat(eur|rice|ore)\b|\b(co ?)?(fundador|fundadora|grunder|grunderin|oprichter|mitgrunder|mitgrunderin|mitbegrunder)\b"
    r"|\bgerant(e)?\b|\balgemeen directeur\b|\bbestuurder\b|\bdirecteur delegue\b|\bpresident directeur\b|\bcofundador(a)?\b"
    r"|\bceo\b|\bchief executive\b|\badministrador(a)? unic[oa]\b"
)
VP = re.compile(
    r"\bvp\b|\bvice ?-?president(e|a|in)?\b|\bvice ?-?presidente?\b|\bvicepresident[ea]\b|\bv p\b|\bbereichsvorstand\b"
)
DIRECTOR = re.compile(
    r"\bdirect(or|ors|ora|eur|rice)\b|\bdirektor(in)?\b|\bdirettore\b|\bdirettrice\b|\bdiretora?\b"
    r"|\bhead\b|\bhead of\b|\bglobal head\b|\bchief\b|\bhoofd\b|\bgeneral counsel\b|\bgeneral manager\b"
    r"|\b\w*(bereichs|abteilungs|vertriebs|marketing|personal|entwicklungs|finanz|produktions|werks|it|einkaufs|"
    r"betriebs|standort|niederlassungs|regional|geschafts|service|technik|logistik|verkaufs|qualitats|innovations|hr)[ -]?leit(er|erin|ung)\b"
    r"|\bleit(er|erin|ung|ender|ende)\b|\bprokurist(in)?\b|\bcontroller general\b|\bcomptroller\b"
)
MANAGER = re.compile(
    r"\bmanagers?\b|\bmanagerin\b|\bsupervisor(a|in)?\b|\b(team|tech|technology|technical|engineering|product|design|data|group|squad|"
    r"practice|development|developer|qa|quality assurance|support|sales|marketing|security|platform|section|shift|chapter|business|department|operations) ?-?lead(er)?\b"
    r"|\blead(er)?$|^(team|group) lead(er)?\b|\blead (software|senior|data|product|design|engineer|engineering|developer|"
    r"backend|back|frontend|front|full|platform|security|qa|quality|user|designer|architect|analyst|scientist|devops|site|machine|cloud|mobile|ios|android|solutions?|systems?|infrastructure|network|technology|consultant|recruiter|account|customer|business|researcher|research|web|java|python|site|test|ux|technical)\b"
    r"|^(senior |principal )?lead (?!gen)"
    r"|\b(team|gruppen|schicht|filial|sachgebiets|referats)[ -]?leit(er|erin|ung)\b"
    r"|\bresponsab(le|ile|el|les)\b|\bresponsavel\b|\bgerente\b|\bjef[ea]\b|\bchef(fe)? d[eu']\b|\bchefe\b|\bcapo\b|\bencargad[oa]\b"
    r"|\bteamlead(er)?\b|\bteam of \d+\b|\bsuperintendent\b|\bforeman\b|\bhead ?teacher\b"
    r"|\bteam ?captain\b|\bteam ?manager\b|\bencadrant\b|\bmanageuse\b|\bmanageur\b|\bcoordenador(a)?\b"
)
INDIVIDUAL = re.compile(
    r"\b(engineer|developer|programmer|coder|analyst|specialist|consultant|administrator|associate|assistant|representative|"
    r"designer|architect|scientist|researcher|writer|copywriter|editor|accountant|bookkeeper|auditor|recruiter|technician|"
    r"coordinator|officer|executive|agent|advisor|adviser|strategist|planner|buyer|paralegal|lawyer|attorney|counsel|"
    r"intern|trainee|apprentice|clerk|secretary|receptionist|operator|tester|evangelist|advocate|trainer|teacher|nurse|"
    r"sales ?(man|woman|person)|seller|controller|economist|statistician|artist|producer|journalist|generalist|partner|"
    r"professional|practitioner|member of technical staff|technologist|fellow|expert|instructor|marketer|owner|master|"
    r"principal|contractor|freelancer?|cashier|worker|driver|broker|underwriter|actuary|adjuster|merchandiser|estimator|"
    r"hacker|webmaster|dba|sysadmin|drafter|physician|surgeon|pharmacist|therapist|mechanic|machinist|electrician|inspector|"
    r"dispatcher|scheduler|handler|monteur(in)?|steward|coach|(?<=\w )support$|(?<=\w )engineering$|\w*techniker(in)?|chauffeur|fitter|plumber|surveyor|"
    r"sachbearbeiter(in)?|\w*mitarbeiter(in)?|\w*betreuer(in)?|\w*architekt(in)?|\w*designer(in)?|\w*anwalt(in)?|"
    r"informatiker(in)?|informaticien(ne)?|administratorin|controllerin|controleu(r|se)|referent(in)?|entwickler(in)?|berater(in)?|gestor(a)? de|ingenieur(in|e)?|techniker(in)?|"
    r"kaufmann|kauffrau|buchhalter(in)?|werkstudent(in)?|praktikant(in)?|azubi|assistent(in)?|fachkraft|spezialist(in)?|"
    r"\w*entwickler(in)?|\w*berater(in)?|\w*ingenieur(in)?|\w*referent(in)?|einkaufer(in)?|verkaufer(in)?|disponent(in)?|"
    r"developpeu(r|se)|charge(e)? d[e']|consultant(e)?|analyste|technicien(ne)?|assistante?|comptable|commercial(e)?|"
    r"conseiller(e)?|vendeu(r|se)|stagiaire|alternant(e)?|juriste|redact(eur|rice)|acheteu(r|se)|gestionnaire|"
    r"ingenier[oa]|desarrollador(a)?|analista|tecnic[oa]|asesor(a)?|consultor(a)?|especialista|contador(a)?|contable|"
    r"becari[oa]|vendedor(a)?|abogad[oa]|administrativ[oa]|programador(a)?|disenador(a)?|engenheir[oa]|desenvolvedor(a)?|"
    r"sviluppat(ore|rice)|ingegnere|impiegat[oa]|addett[oa]|medewerker|ontwikkelaar|adviseur|beheerder)s?\b"
)
# A rank inside the individual track; kept in the detail, never a reason to call someone a manager.
RANKS = (
    ("intern", re.compile(r"\b(intern|trainee|apprentice|werkstudent(in)?|praktikant(in)?|azubi|stagiaire|alternant(e)?|becari[oa])\b")),
    ("junior", re.compile(r"\b(junior|entry level|graduate)\b")),
    ("principal", re.compile(r"\b(principal|staff|distinguished|fellow)\b")),
    ("senior", re.compile(r"\b(senior|executive vp)\b")),
)  # fmt: skip
