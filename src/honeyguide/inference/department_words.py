"""Which department the words of a job title speak of. First the compounds, then the single words, then the trades."""

import re

# Compounds whose words apart would say something else ("product marketing" is marketing, not product).
_COMPOUND = (
    ("marketing", r"(product|customer|partner|field|digital|content|brand|growth|sales) marketing|growth marketing|content|social media|brand|(demand|lead) gen(eration)?|public relations|community|seo|ppc|paid (media|search|social)|communications?|campaigns?|go to market|lifecycle|email marketing"),
    ("sales", r"sales engineer(ing)?|solutions? (engineer(ing)?|consult\w*|architect)|pre ?-?sales|business development|account (executive|manager|management|director)|(key|strategic|enterprise|named|major|national|global) accounts?|mid ?-?market|client partner|channel|alliances?|partnerships?|partner (manager|sales|success|lead)|sales development|territory|inside sales"),
    ("customer_success", r"product support|customer (success|support|experience|care|service|operations|onboarding|engagement|education)|client (success|services?|support|care|experience)|technical support|support engineer|technical account|implementation|onboarding|account support|kunden ?(service|dienst|betreuung|support|erfolg|management)|contact cent(re|er)|call cent(re|er)|relation client|service client|servicio al cliente|atencion al cliente|atendimento|experience client|assistenza clienti|klantenservice|member services"),
    ("operations", r"(technical|it|engineering) (program|project)|operating officer|field (service|operation|technician|supervisor|engineer)s?|service delivery|control room|revenue operations|business operations|sales operations|marketing operations|chief of staff|supply chain"),
    ("people", r"human resources?|people (operations|partner|team|and culture|& culture|success)|talent( acquisition)?|recruit\w*|recrutement|reclutamiento|hr business partner|human capital|learning development|ressources humaines|recursos humanos|risorse umane|compensation|payroll|personal(leit\w*|referent\w*|abteilung|wesen|entwicklung|sachbearbeit\w*)"),
    ("security", r"(product|application|cloud|network|platform|it|data) security|information security|cyber ?-?security|security operations|soc|pen(etration)? ?test\w*|security|securite|seguridad|informationssicherheit|data protection|sicurezza|seguranca"),
    ("data", r"data (scien\w*|engineer\w*|analy\w*|platform|warehouse|govern\w*|architect\w*|lead|manager|team|officer|strategy|products?)|machine learning|artificial intelligence|business intelligence|analytics|insights|big data|intelligence artificielle|data|donnees|datos|daten\w*|statistic\w*"),
    ("design", r"product design\w*|user experience|user interface|\w*design(er|ers|erin)?|creative|art director|graphic\w*|diseno|disenador(a)?|grafik\w*"),
    ("product", r"product (manag\w*|owner(in)?|lead\w*|director|operations|strategy|line|development manager)|chief product|produkt ?(manage\w*|leit\w*|verantwort\w*)|chef de produits?|jefe de producto|gestor de produto"),
    ("it", r"information (technology|systems?)|it|information officer|(systems?|windows|linux|unix|server|network|database|crm|erp|sap|salesforce|sharepoint) administrat\w*|(enterprise|business) applications?|responsable si|informaticien(ne)?|informatiker(in)?|(business |erp |crm )?systems|network (engineer|administrat\w*|manager)|helpdesk|help desk|service desk|sysadmin|informatique|informatica|systemadministrat\w*|informationstechnik|desktop support|it-\w+|sistemas|dba|database administrat\w*|edv"),
    ("engineering", r"software|engineering|developer operations|site reliability|platform|infrastructure|backend|back end|frontend|front end|full ?stack|web develop\w*|mobile develop\w*|quality assurance|research and development|r&d|r d|forschung\w*|entwicklung\w*|softwareentwick\w*|technique|technik|cloud|architect(ure)?|cto|technisch\w*|engenharia|ingenieria|test(er|ing)|embedded|firmware|hardware"),
    ("legal", r"legal|counsel|lawyer|\w*anwalt(in)?|attorney|paralegal|compliance|privacy|juridique|juriste|recht\w*|abogad[oa]|jurist(in)?|legale|juridic[oa]|general counsel|contracts?|regulatory"),
    ("finance", r"finan\w*|account(ing|ant|ants|s payable|s receivable)|controll(er|ing)|treasur\w*|tax|audit\w*|bookkeep\w*|fp&a|fp a|billing|buchhalt\w*|comptab\w*|contab\w*|contador(a)?|investor relations|accounts|credit|contable|rechnungswesen|(ap|ar) (specialist|clerk|analyst|manager)|controleu(r|se) de gestion|administratif et financier|underwrit\w*|actuar\w*"),
    ("sales", r"sales|revenue|commercial(e)?|vertrieb\w*|vente(s)?|ventas|vendas|verkauf\w*|verkauf(er|erin)|account(s)? (exec\w*)|seller|vendedor(a)?|vendeu(r|se)|vendite|verkoop|comercial|aussendienst|innendienst|business developer"),
    ("marketing", r"market(er|eer)?|marketing\w*|growth|advertising|mercadotecnia|mercadeo|communication|kommunikation|copywriter|publicidad|events?"),
    ("customer_success", r"customers?|support|success|soporte|suporte|supporto|kunden\w*|client(e|s|es)?|care"),
    ("people", r"people|hr|personnel|culture|employee|workplace|personal"),
    ("product", r"products?|produkt\w*|produit(s)?|producto(s)?|produto(s)?|prodotto"),
    ("operations", r"operation(s|al|el|elle)?|logisti\w*|procurement|purchasing|einkauf\w*|achats?|compras|acheteu(r|se)|operaciones|operacoes|operazioni|betrieb\w*|production|manufacturing|produktion\w*|warehouse|facilities|office manag\w*|project manag\w*|programme? manag\w*|project|projekt\w*|projet|proyecto|programme?|scrum|pmo|quality|qualit\w*|process|transformation|strategy|administration|plant|buyer|planning|planner|planificat\w*|dispatch\w*|dispo\w*|schedul\w*|fleet|depot|agile|delivery"),
)  # fmt: skip
# Trades say something only when no department word stands beside them.
_TRADE = (
    ("engineering", r"engineer(s)?|developer(s)?|programmer|programador(a)?|entwickler(in)?|\w*entwickler(in)?|developpeu(r|se)|desarrollador(a)?|ingenieur(e|in)?|\w*ingenieur(in)?|ingenier[oa]|engenheir[oa]|desenvolvedor(a)?|sviluppat(ore|rice)|ingegnere|ontwikkelaar|scientist|architect|hacker|coder"),
    ("engineering", r"technology|technical|tecnologia|tech|tecnic[oa]"),
    ("customer_success", r"services?|service ?leit\w*|kundendienst\w*"),
    ("operations", r"business analyst|techniker(in)?|\w*techniker(in)?|monteur(in)?|technician|technicien(ne)?|office administrator|administrative|coordinator"),
    ("general", r"ceo|pdg|founders?|cofounder|co-founder|owner|managing director|president|chief executive|geschaftsfuhr\w*|vorstand\w*|directeur general|directrice generale|director(a)? general|diret(or|ora) geral|consejer[oa] delegad[oa]|partner|gerant(e)?|inhaber(in)?|chair(man|woman|person)?|general manager|amministrat\w* delegat[oa]|direttore generale|fondat(eur|rice|ore)|cofondat(eur|rice)|fundador(a)?|cofundador(a)?|grunder(in)?|mitgrunder(in)?|executive director|eigenaar|niederlassungs\w*|filialleit\w*|standortleit\w*|(country|branch) manager|socio|general management"),
)  # fmt: skip

COMPOUNDS = tuple((name, re.compile(rf"\b(?:{words})\b")) for name, words in _COMPOUND)
TRADES = tuple((name, re.compile(rf"\b(?:{words})\b")) for name, words in _TRADE)


def department_of(words: str) -> str | None:
    """The department a spelled-out title speaks of, or None.

    Words that start earlier win ("VP Sales & Marketing" is sales); at one place the longer word wins, so a
    compound beats its parts.
    """
    for group in (COMPOUNDS, TRADES):
        found = [(m.start(), -len(m.group()), name) for name, pattern in group for m in pattern.finditer(words)]
        if found:
            return min(found)[2]
    return None
