"""The customers' world: countries, industries, company names and domains (all reserved `.example`)."""

import re
import unicodedata
from random import Random

# country -> (weight, time zone, currency, phone prefix, cities)
COUNTRIES: dict[str, tuple[int, str, str, str, tuple[str, ...]]] = {
    "US": (
        16,
        "America/Chicago",
        "USD",
        "+1 312 555",
        ("Chicago", "Austin", "Tampa", "Denver", "Columbus", "Portland", "Raleigh", "Tucson", "Omaha", "Boise"),
    ),
    "GB": (
        12,
        "Europe/London",
        "EUR",
        "+44 20 7946",
        ("Leeds", "Bristol", "Cardiff", "Norwich", "Sheffield", "Exeter", "Dundee", "Hull", "Preston"),
    ),
    "DE": (
        12,
        "Europe/Berlin",
        "EUR",
        "+49 30 23125",
        ("Kassel", "Bremen", "Ulm", "Dortmund", "Rostock", "Augsburg", "Erfurt", "Mainz"),
    ),
    "FR": (7, "Europe/Paris", "EUR", "+33 1 99 00", ("Nantes", "Lyon", "Lille", "Toulouse", "Dijon", "Rennes")),
    "ES": (6, "Europe/Madrid", "EUR", "+34 910 55", ("Sevilla", "Valencia", "Zaragoza", "Bilbao", "Murcia")),
    "NL": (6, "Europe/Amsterdam", "EUR", "+31 20 555", ("Utrecht", "Zwolle", "Breda", "Groningen", "Arnhem")),
    "CA": (5, "America/Toronto", "USD", "+1 416 555", ("Hamilton", "Ottawa", "Calgary", "Halifax", "Québec")),
    "AU": (4, "Australia/Sydney", "USD", "+61 2 5550", ("Newcastle", "Geelong", "Perth", "Hobart")),
    "IE": (4, "Europe/Dublin", "EUR", "+353 1 555", ("Cork", "Galway", "Limerick", "Sligo")),
    "IT": (4, "Europe/Rome", "EUR", "+39 06 5550", ("Bologna", "Torino", "Verona", "Bari")),
    "SE": (3, "Europe/Stockholm", "EUR", "+46 8 5550", ("Uppsala", "Örebro", "Malmö", "Lund")),
    "AT": (3, "Europe/Vienna", "EUR", "+43 1 5550", ("Graz", "Linz", "Wels")),
    "PL": (3, "Europe/Warsaw", "EUR", "+48 22 555", ("Poznań", "Gdańsk", "Lublin")),
    "PT": (3, "Europe/Lisbon", "EUR", "+351 21 555", ("Porto", "Braga", "Coimbra")),
    "BE": (2, "Europe/Brussels", "EUR", "+32 2 555", ("Gent", "Leuven", "Namur")),
    "DK": (2, "Europe/Copenhagen", "EUR", "+45 70 55", ("Aarhus", "Odense", "Aalborg")),
    "CH": (2, "Europe/Zurich", "EUR", "+41 44 555", ("Winterthur", "Bern", "Luzern")),
    "FI": (1, "Europe/Helsinki", "EUR", "+358 9 555", ("Tampere", "Turku")),
    "IN": (2, "Asia/Kolkata", "USD", "+91 80 5550", ("Pune", "Kochi", "Indore")),
    "BR": (2, "America/Sao_Paulo", "USD", "+55 11 5550", ("Curitiba", "Campinas")),
    "MX": (2, "America/Mexico_City", "USD", "+52 55 5550", ("Puebla", "Querétaro")),
    "NG": (1, "Africa/Lagos", "USD", "+234 1 555", ("Ibadan", "Lagos")),
    "KE": (1, "Africa/Nairobi", "USD", "+254 20 555", ("Nakuru", "Nairobi")),
    "NZ": (1, "Pacific/Auckland", "USD", "+64 9 555", ("Hamilton", "Dunedin")),
    "SG": (1, "Asia/Singapore", "USD", "+65 6555", ("Singapore",)),
    "JP": (1, "Asia/Tokyo", "USD", "+81 3 5550", ("Sendai", "Kobe")),
}

LANGUAGES = {"DE": "de", "AT": "de", "CH": "de", "FR": "fr", "ES": "es", "MX": "es"}
NATIVE_ENGLISH = frozenset({"US", "CA", "GB", "IE", "AU", "NZ", "IN", "NG", "KE", "SG"})

# industry -> (weight, second halves of names, what their people go out to do)
INDUSTRIES: dict[str, tuple[int, tuple[str, ...], str]] = {
    "HVAC": (11, ("Heating & Air", "Climate", "Air Systems", "Heat Pumps", "Comfort"), "boiler service"),
    "Plumbing": (8, ("Plumbing", "Pipe & Drain", "Water Works", "Drainage"), "leak repair"),
    "Electrical": (9, ("Electric", "Electrical", "Power Services", "Volt"), "board upgrade"),
    "Solar": (7, ("Solar", "Sun Power", "Renewables", "PV"), "panel inspection"),
    "Elevators": (5, ("Lifts", "Elevators", "Vertical"), "lift inspection"),
    "Fire safety": (5, ("Fire Protection", "Fire & Safety", "Alarm Systems"), "alarm test"),
    "Pest control": (5, ("Pest Control", "Pest Solutions"), "follow-up treatment"),
    "Facility services": (9, ("Facility Services", "Facilities", "Building Care", "FM"), "site walk"),
    "Telecom": (6, ("Fibre", "Networks", "Connect", "Telecom Services"), "fibre install"),
    "Medical devices": (5, ("Medical Service", "Biomed", "Clinical Engineering"), "scanner maintenance"),
    "Landscaping": (6, ("Landscapes", "Gardens", "Grounds Care"), "grounds visit"),
    "Cleaning": (7, ("Cleaning", "Facility Cleaning", "Janitorial"), "deep clean"),
    "Appliance repair": (5, ("Appliance Care", "Appliance Service"), "dishwasher repair"),
    "Security": (5, ("Security Systems", "Locks & Alarms", "Guarding"), "camera install"),
    "Water treatment": (3, ("Water Treatment", "Pure Water"), "filter change"),
    "Pool services": (3, ("Pools", "Pool & Spa"), "pool opening"),
}  # fmt: skip

_FIRST = {
    "en": ["Alder", "Anchor", "Arrow", "Aspen", "Beacon", "Birch", "Blackrock", "Bluebird", "Brook", "Cedar", "Clearview", "Copper", "Cornerstone", "Crestline", "Dovetail", "Eastgate", "Elm", "Ember", "Evergreen", "Fairfield", "Falcon", "Ferndale", "Foxglove", "Glen", "Granite", "Greenhill", "Harbour", "Hawthorn", "Hearth", "Heron", "Highfield", "Ironbridge", "Juniper", "Keystone", "Kingfisher", "Lakeside", "Lantern", "Larkspur", "Linden", "Maple", "Meadow", "Millstone", "Moorland", "Northwind", "Oakley", "Orchard", "Osprey", "Pinecrest", "Quarry", "Redwood", "Ridgeway", "Riverside", "Rowan", "Sandstone", "Silverline", "Southbank", "Sparrow", "Stonebridge", "Summit", "Swift", "Tamarack", "Thistle", "Trailhead", "Truewell", "Upland", "Valley", "Wayside", "Westmere", "Willow", "Windmill", "Wren", "Yarrow"],
    "de": ["Adler", "Alster", "Bergmann", "Brunner", "Falk", "Fichte", "Förde", "Hallmann", "Hansa", "Heide", "Isar", "Kranich", "Lindner", "Main", "Nordlicht", "Oberland", "Rhein", "Sander", "Schwaben", "Spree", "Steiner", "Tannhof", "Weser", "Wiesen", "Ziegler"],
    "fr": ["Alizé", "Armor", "Bellevue", "Boréal", "Cèdre", "Garonne", "Hêtre", "Lavande", "Loire", "Mistral", "Ormeau", "Rivage", "Sapin", "Vaucluse"],
    "es": ["Alameda", "Alcázar", "Cantábrico", "Ebro", "Encina", "Faro", "Giralda", "Levante", "Mirador", "Olivar", "Sierra", "Solana", "Tajo"],
    "other": ["Aurora", "Baltica", "Brisa", "Castello", "Delta", "Fjord", "Lago", "Linea", "Mare", "Nord", "Norte", "Öresund", "Polder", "Riva", "Sole", "Strand", "Terra", "Vega", "Vento", "Vista"],
}  # fmt: skip

_FORMS = {
    "US": ("Inc.", "LLC", "Co.", ""), "CA": ("Inc.", "Ltd.", ""), "GB": ("Ltd", "Limited", "Group", ""),
    "IE": ("Ltd", "Teoranta", ""), "AU": ("Pty Ltd", ""), "NZ": ("Ltd", ""), "DE": ("GmbH", "GmbH & Co. KG", "AG"),
    "AT": ("GmbH",), "CH": ("AG", "GmbH"), "FR": ("SAS", "SARL", ""), "BE": ("BV", "SA"), "NL": ("B.V.", ""),
    "ES": ("S.L.", "S.A."), "MX": ("S.A. de C.V.",), "IT": ("S.r.l.", "S.p.A."), "PT": ("Lda.", ""), "BR": ("Ltda.", ""),
    "SE": ("AB",), "DK": ("A/S", "ApS"), "FI": ("Oy",), "PL": ("Sp. z o.o.",), "IN": ("Pvt Ltd", ""), "NG": ("Ltd",),
    "KE": ("Ltd",), "JP": ("K.K.",), "SG": ("Pte Ltd",),
}  # fmt: skip

_PARTNER_WORDS = ("Consulting", "Integrators", "Systems Partners", "Advisory", "Digital Works", "Solutions Partners")


def fold(text: str) -> str:
    """ASCII lower case without marks, as mail addresses and domains are made of names."""
    plain = (
        text.replace("ß", "ss")
        .replace("ø", "o")
        .replace("Ø", "O")
        .replace("ł", "l")
        .replace("Ł", "L")
        .replace("ı", "i")
    )
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode().lower()


def draw_country(rng: Random) -> str:
    """A country, by how many customers the demo company has there."""
    return rng.choices(list(COUNTRIES), [c[0] for c in COUNTRIES.values()])[0]


def draw_industry(rng: Random) -> str:
    """An industry that sends people out to their customers."""
    return rng.choices(list(INDUSTRIES), [i[0] for i in INDUSTRIES.values()])[0]


def draw_firm(rng: Random, country: str, industry: str, *, partner: bool, taken: set[str]) -> tuple[str, str, str]:
    """A (legal name, everyday name, domain) nobody has yet; `taken` holds the domains and receives the new one."""
    pool = _FIRST.get(LANGUAGES.get(country, "en" if country in NATIVE_ENGLISH else "other"), _FIRST["en"])
    while True:
        first = rng.choice(pool if rng.random() < 0.7 else _FIRST["en"])
        if rng.random() < 0.18:
            first = f"{first} {rng.choice(('& Sons', 'Brothers', 'North', 'West', 'United', 'City', 'One'))}"
        second = rng.choice(_PARTNER_WORDS if partner else INDUSTRIES[industry][1])
        everyday = f"{first} {second}"
        stem = re.sub(r"[^a-z0-9]+", "-", fold(rng.choice((everyday, everyday, f"{first}-{second.split()[0]}")))).strip(
            "-"
        )
        domain = f"{stem.replace('-', '') if rng.random() < 0.5 else stem}.example"
        if domain not in taken:
            taken.add(domain)
            return f"{everyday} {rng.choice(_FORMS[country])}".strip(), everyday, domain
