"""Job titles the way people really write them, by rank, department and language."""

from random import Random

# (rank, department) -> ways to write it. Rank: owner, vp, director, manager, lead, staff.
_ENGLISH: dict[tuple[str, str], tuple[str, ...]] = {
    ("owner", "Management"): ("Owner", "Managing Director", "Founder & CEO", "CEO", "Owner / Operator", "Director", "MD", "President", "Co-founder", "General Manager", "Partner"),
    ("vp", "Operations"): ("VP Operations", "VP of Operations", "V.P. Ops", "Vice President, Field Operations", "Chief Operating Officer", "COO", "SVP Service Delivery", "VP Field Services EMEA"),
    ("vp", "IT"): ("CIO", "VP Information Technology", "Chief Information Officer", "VP IT & Digital"),
    ("vp", "Finance"): ("CFO", "Finance Director", "VP Finance", "Chief Financial Officer"),
    ("director", "Operations"): ("Director of Operations", "Operations Director", "Dir. Field Services", "Head of Field Operations", "Head of Ops", "Regional Director", "Director, Service Delivery", "Head of Dispatch"),
    ("director", "IT"): ("IT Director", "Head of IT", "Head of Systems", "Director of Business Systems"),
    ("director", "Customer Service"): ("Head of Customer Service", "Director of Customer Experience", "Customer Care Director"),
    ("manager", "Operations"): ("Operations Manager", "Ops Manager", "operations manager", "Field Service Manager", "Service Manager", "Branch Manager", "Area Manager - North", "Ops Mgr", "Depot Manager", "Field Operations Manager", "Maintenance Manager", "Fleet Manager"),
    ("manager", "Dispatch"): ("Dispatch Manager", "Scheduling Manager", "Planning Manager", "Control Room Manager", "Dispatch & Planning Manager", "Mgr, Dispatch"),
    ("manager", "IT"): ("IT Manager", "Systems Manager", "Business Systems Manager", "Integration Manager"),
    ("manager", "Finance"): ("Finance Manager", "Accounts Manager", "Financial Controller", "Accounts Payable Manager"),
    ("manager", "Customer Service"): ("Customer Service Manager", "Contact Centre Manager", "Client Services Manager", "Customer Success Mgr."),
    ("lead", "Dispatch"): ("Senior Dispatcher", "Lead Dispatcher", "Dispatch Team Lead", "Lead dispatcher (nights)", "Dispatch Supervisor", "Planning Team Lead", "Sr. Scheduler"),
    ("lead", "Operations"): ("Field Supervisor", "Team Leader", "Crew Lead", "Foreman", "Senior Engineer", "Service Coordinator (Lead)"),
    ("staff", "Dispatch"): ("Dispatcher", "dispatcher", "Scheduler", "Job Scheduler", "Planner", "Service Coordinator", "Dispatch coordinator", "Resource Planner", "Route Planner", "Scheduling Assistant", "Dispatch"),
    ("staff", "Operations"): ("Field Technician", "Service Engineer", "Technician", "Operations Assistant", "Operations Analyst", "Ops Coordinator", "Field Engineer II", "Process Analyst"),
    ("staff", "Customer Service"): ("Customer Service Rep", "Customer Care Agent", "Call Handler", "Front desk", "Customer Service Advisor"),
    ("staff", "IT"): ("Systems Administrator", "IT Support", "Integration Developer", "Sysadmin", "IT Analyst"),
    ("staff", "Finance"): ("Accounts Assistant", "Bookkeeper", "Billing Clerk", "Accounts Payable", "Office Manager", "Office manager / accounts", "Payroll & Billing"),
}  # fmt: skip

_LOCAL: dict[str, dict[tuple[str, str], tuple[str, ...]]] = {
    "de": {
        ("owner", "Management"): ("Geschäftsführer", "Inhaberin", "Geschäftsführung", "Inhaber"),
        ("director", "Operations"): ("Leiter Technik", "Leiterin Kundendienst", "Bereichsleiter Service", "Serviceleitung"),
        ("manager", "Dispatch"): ("Leiter Disposition", "Leitung Einsatzplanung", "Teamleiterin Disposition"),
        ("staff", "Dispatch"): ("Disponent", "Disponentin", "Einsatzplaner", "Sachbearbeiterin Disposition"),
        ("staff", "Finance"): ("Buchhaltung", "Sachbearbeiter Rechnungswesen"),
        ("staff", "Operations"): ("Servicetechniker", "Monteur", "Kundendiensttechniker"),
    },
    "fr": {
        ("owner", "Management"): ("Gérant", "Gérante", "Directeur général", "PDG"),
        ("director", "Operations"): ("Directrice des opérations", "Directeur technique", "Responsable d'exploitation"),
        ("manager", "Dispatch"): ("Responsable planification", "Responsable planning"),
        ("staff", "Dispatch"): ("Planificatrice", "Chargé de planification", "Assistante planning"),
        ("staff", "Finance"): ("Comptable", "Assistante comptable"),
        ("staff", "Operations"): ("Technicien de maintenance", "Technicienne SAV"),
    },
    "es": {
        ("owner", "Management"): ("Gerente", "Director general", "Socia fundadora"),
        ("director", "Operations"): ("Directora de operaciones", "Jefe de operaciones", "Director técnico"),
        ("manager", "Dispatch"): ("Responsable de planificación", "Jefa de despacho"),
        ("staff", "Dispatch"): ("Coordinadora de servicios", "Planificador", "Despachadora"),
        ("staff", "Finance"): ("Administración", "Contable"),
        ("staff", "Operations"): ("Técnico de campo", "Técnica de mantenimiento"),
    },
}  # fmt: skip

# What a small company's, a large company's and a partner's people do (weights per slot).
_MIX: dict[str, tuple[tuple[tuple[str, str], int], ...]] = {
    "smb": (
        (("staff", "Dispatch"), 8), (("manager", "Operations"), 6), (("staff", "Finance"), 4), (("staff", "Operations"), 5),
        (("lead", "Dispatch"), 3), (("manager", "Dispatch"), 2), (("staff", "Customer Service"), 2), (("lead", "Operations"), 2),
    ),
    "enterprise": (
        (("staff", "Dispatch"), 8), (("lead", "Dispatch"), 4), (("manager", "Dispatch"), 4), (("manager", "Operations"), 5),
        (("director", "Operations"), 3), (("vp", "Operations"), 2), (("director", "IT"), 2), (("manager", "IT"), 2),
        (("staff", "IT"), 2), (("manager", "Finance"), 2), (("vp", "Finance"), 1), (("vp", "IT"), 1),
        (("director", "Customer Service"), 1), (("manager", "Customer Service"), 2), (("staff", "Operations"), 3),
        (("lead", "Operations"), 2),
    ),
    "partner": (
        (("manager", "IT"), 4), (("staff", "IT"), 4), (("director", "IT"), 2), (("director", "Operations"), 2),
        (("staff", "Operations"), 3),
    ),
}  # fmt: skip

_HEAD = {
    "smb": (("owner", "Management"),),
    "enterprise": (("vp", "Operations"), ("director", "Operations"), ("manager", "Dispatch")),
    "partner": (("owner", "Management"), ("director", "IT")),
}


def draw_post(rng: Random, segment: str, position: int) -> tuple[str, str]:
    """A (rank, department); the first positions of a company are filled by those who sign."""
    head = _HEAD[segment]
    if position < len(head):
        return head[position]
    posts, weights = zip(*_MIX[segment], strict=True)
    post: tuple[str, str] = rng.choices(posts, weights)[0]
    return post


def write_title(rng: Random, post: tuple[str, str], language: str) -> str:
    """One way in which a person of this post writes the title."""
    local = _LOCAL.get(language, {}).get(post)
    if local and rng.random() < 0.6:
        return rng.choice(local)
    return rng.choice(_ENGLISH[post])


def promoted(rng: Random, post: tuple[str, str]) -> tuple[str, str]:
    """The next rank up in the same department, where there is one."""
    ranks = ("staff", "lead", "manager", "director", "vp")
    rank, department = post
    if rank not in ranks:
        return post
    above = [(r, department) for r in ranks[ranks.index(rank) + 1 :] if (r, department) in _ENGLISH]
    return above[0] if above else post
