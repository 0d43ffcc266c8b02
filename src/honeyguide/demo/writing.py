"""Putting a message together: slots, tempers, languages. One `Slots` per conversation keeps its facts consistent."""

from random import Random

from honeyguide.demo import firms, phrases
from honeyguide.demo.cast import Person
from honeyguide.demo.issues_en import ENGLISH, Issue
from honeyguide.demo.issues_local import LANGUAGES

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes"),
}
_DEVICES = (
    "Galaxy XCover",
    "iPhone 13",
    "Pixel 7a",
    "old Samsung",
    "iPad",
    "Zebra TC22",
    "Nokia XR",
    "iPhone SE",
    "Galaxy A14",
)
_DEVICES_LOCAL = ("Galaxy XCover", "iPhone 13", "Pixel 7a", "iPad", "Zebra TC22")
_TECHS = (
    "Marek", "Dwayne", "Sofia", "Rashid", "Ollie", "Katja", "Pete", "Ivana", "Tobi", "Luc", "Carlos", "Amir", "Jenny", "Stefan", "Mo",
    "Yusuf", "Bridget", "Nils", "Paolo", "Efua",
)  # fmt: skip
_PLACES = (
    "the Mill Road site", "the county hospital", "the shopping centre", "the new school", "platform 4", "the harbour offices",
    "the care home on Elm Street", "the brewery", "the town hall", "block C", "the airport hotel",
)  # fmt: skip


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class Slots:
    """The facts one conversation is about."""

    def __init__(self, rng: Random, person: Person, agent: str = "", hours: int = 3) -> None:
        company, lang = person.company, person.language
        self.rng = rng
        self.values = _Blank(
            n=str(rng.choice((11, 12, 14, 16, 18, 23, 27, 31, 38, 40, 42, 57, 64, 70, 85, 110, 140))),
            few=str(rng.choice((2, 3, 3, 4, 4, 5, 6))),
            city=company.city if rng.random() < 0.6 else rng.choice(firms.COUNTRIES[company.country][4]),
            tech=rng.choice(_TECHS),
            job=firms.INDUSTRIES[company.industry][2] if company.industry in firms.INDUSTRIES else "site visit",
            day=rng.choice(_DAYS[lang]),
            clock=f"{rng.choice((6, 7, 7, 8, 8, 9, 10, 11, 13, 14, 16)):02d}:{rng.choice(('00', '10', '15', '30', '40', '45'))}",
            device=rng.choice(_DEVICES if lang == "en" else _DEVICES_LOCAL),
            version=f"5.{rng.randint(2, 19)}.{rng.randint(0, 4)}",
            place=rng.choice(_PLACES),
            ref=f"TW-{rng.randint(20_400, 38_900)}",
            first=person.first,
            name=person.name,
            title=person.title or company.everyday,
            company=company.everyday,
            agent=agent.split(" ", 1)[0] if agent else "support",
            hours=str(max(2, hours)),
        )  # fmt: skip

    def fill(self, template: str) -> str:
        """The template with its slots filled; unknown braces stay as they are."""
        return template.format_map(self.values) if "{" in template else template

    def pick(self, pool: tuple[str, ...]) -> str:
        """One of the pool, filled."""
        return self.fill(self.rng.choice(pool))


def choose_issue(rng: Random, person: Person, severity: tuple[int, ...] = (0, 1, 2, 3)) -> Issue:
    """A trouble this person could have: of a product the company uses, in the language they write."""
    pool = LANGUAGES[person.language].issues if person.language in LANGUAGES else ENGLISH
    products = {*person.company.products, "billing"}
    if person.post[1] == "Finance":
        fitting = [
            i
            for i in pool
            if i.product == "billing" or i.slug in ("export", "login", "permissions", "fuel-report", "training")
        ]
    else:
        fitting = [
            i
            for i in pool
            if i.product in products and (i.product != "billing" or person.post[0] in ("owner", "manager"))
        ]
    fitting = [i for i in fitting if i.severity in severity] or [
        i for i in pool if i.severity in severity and i.product == "dispatch"
    ]
    fitting = fitting or list(pool)
    return rng.choices(fitting, [i.weight for i in fitting])[0]


def subject_line(slots: Slots, issue: Issue, temper: str) -> str:
    """The subject, the way this temper types it."""
    subject = slots.pick(issue.subjects)
    if issue.severity and slots.rng.random() < 0.22:
        subject = slots.fill(
            f"{subject} {slots.rng.choice(('({city})', '/ {company}', '- {city}', '({tech})', '/ {city}'))}"
        )
    if temper == "terse":
        return subject.lower() if slots.rng.random() < 0.6 else subject
    if temper == "cross" and slots.rng.random() < 0.4:
        return subject.upper() if slots.rng.random() < 0.5 else f"{subject} !!!"
    if temper == "chatty" and slots.rng.random() < 0.25:
        return f"{subject} :("
    return subject


def first_message(slots: Slots, issue: Issue, person: Person, temper: str) -> str:
    """The body of a new ticket."""
    local = LANGUAGES.get(person.language)
    problem = slots.pick(issue.problems)
    if local is not None:
        impact = slots.pick(local.impacts if issue.severity else local.impacts[:1])
        return _assembled(slots.pick(local.openings), (problem, impact), slots.pick(local.closings))
    parts = [problem, slots.pick(phrases.IMPACTS[issue.severity])]
    if temper == "learner" and slots.rng.random() < 0.6:
        parts.insert(0, slots.rng.choice(phrases.LEARNER_STARTS))
    if issue.severity and issue.product != "billing" and slots.rng.random() < 0.55:
        parts.insert(len(parts) - 1, slots.pick(phrases.DETAILS))
    if temper == "terse" and slots.rng.random() < 0.5:
        parts = [problem[0].lower() + problem[1:]]
    return _assembled(slots.pick(phrases.OPENINGS[temper]), tuple(parts), slots.pick(phrases.CLOSINGS[temper]))


def _assembled(opening: str, parts: tuple[str, ...], closing: str) -> str:
    return "\n\n".join(p for p in (opening, " ".join(p for p in parts if p), closing) if p)


def answer(slots: Slots, issue: Issue, person: Person, agent: str) -> str:
    """The agent's answer that solves the ticket."""
    local = LANGUAGES.get(person.language)
    start = slots.pick(local.agent_starts if local else phrases.AGENT_STARTS)
    return f"{start}\n\n{slots.pick(issue.answers)}\n\n{agent}, Tidewater Support"


def follow_up(slots: Slots, person: Person) -> str:
    """What the customer adds while waiting."""
    local = LANGUAGES.get(person.language)
    return slots.pick(local.follow_ups if local else phrases.FOLLOW_UPS)


def verdict(slots: Slots, person: Person, score: int) -> str:
    """The comment that goes with a satisfaction score; often there is none."""
    local = LANGUAGES.get(person.language)
    return slots.pick((local.ratings if local else phrases.RATING_COMMENTS)[score])
