"""What the account owners write down, and what customers write to them. Slots as in `phrases`, and {other}, {boss}, {product},
{wish}, {rival}, {friend}, {firm}.
"""

# kind of note -> ways to write it. `plain` says nothing about anybody: most notes are like that.
NOTES: dict[str, tuple[str, ...]] = {
    "champion": (
        "Quarterly call with {name}. {first} keeps pushing {product} inside {company}: showed it to the depot managers and won two of them over.",
        "{name} is our strongest voice at {company}. When the board asked about {product}, it was {first} who made the case.",
        "Visited {company} in {city}. {first} has written an internal guide for {product} and trains the new people on it.",
        "{first} defended {product} in their budget round, without being asked. Send a thank-you.",
        "{name} told the whole operations team to plan in {product} only, no more spreadsheets. Real believer.",
    ),
    "blocker": (
        "{name} is holding up the roll-out of {product}: wants every depot to keep its own list for now.",
        "Talked to {other}. The order for {product} is stuck with {name}, who does not want another system.",
        "{first} said plainly that {product} will not go further as long as the question of personal data is open.",
        "{name} vetoed the extra seats of {product} this quarter.",
    ),
    "evaluating": (
        "{name} is comparing {wish} with {rival}; decision before the summer.",
        "{first} started a trial of {wish} with three crews and will report in two weeks.",
        "{company} has {wish} on the short list. {name} runs the evaluation and asked for two references.",
        "{name} wants to see {wish} on their own data before anything is signed.",
    ),
    "reports": (
        "New set-up at {company}: {name} reports to {boss} now.",
        "{boss} is {first}'s manager since the reorganisation, so {boss} signs from here on.",
        "Spoke to {name}, who works for {boss} and passes everything on to them.",
    ),
    "introduced": (
        "{name} put us in touch with {friend} of {firm}. Same trouble with missed appointments there.",
        "Warm introduction by {name} to {friend} ({firm}), by mail this morning.",
        "At the trade fair {first} walked {friend} from {firm} over to our stand.",
    ),
    "interested": (
        "{first} asked about {wish} again. Wants to know whether it works with their vans.",
        "{name} would like a demo of {wish} for the drivers.",
        "{first} read the release notes of {wish} and has four questions, see mail.",
    ),
    "colleague": (
        "{name} and {other} sit in the same office and decide these things together.",
        "{other} is {first}'s colleague in planning; covers for {first} in August.",
    ),
    "churn": (
        "{name} hinted that {company} looks at other systems when the contract ends.",
        "Renewal in danger: {first} says the budget is cut and the new director prefers {rival}.",
        "{first} asked for the notice period. Call them this week.",
    ),
    "plain": (
        "Left a message for {name}, calls back {day}.",
        "Sent the new price list to {first}.",
        "{name} is on holiday until the end of the month.",
        "Moved the review with {company} to {day}, {clock}.",
        "{first} confirmed the number of seats, nothing else to report.",
        "Invoice address of {company} corrected.",
        "Short call with {first}: all quiet.",
        "{name} will send us the list of depots.",
    ),
}  # fmt: skip

# kind of mail -> (subject, body). Written by the customer.
MAILS: dict[str, tuple[tuple[str, str], ...]] = {
    "praise": (
        ("Thank you", "Hi,\n\njust to say that {product} has changed our mornings. We plan {n} jobs in twenty minutes now, and nobody shouts any more.\n\nBest,\n{first}"),
        ("Well done", "Hello,\n\nthe drivers love {product}. I did not expect to write that sentence.\n\n{name}"),
        ("Go-live in {city}", "Hi there,\n\ngo-live in {city} went without a hitch, thanks to {product} and your people. Excellent work.\n\nRegards\n{name}"),
    ),
    "recommend": (
        ("Happy to talk to others", "Hi,\n\nif you need somebody who tells other companies how we work with {product}, I would gladly do that.\n\n{first}"),
        ("Reference", "Hello,\n\nI already recommended {product} to two firms in our association. If you want a quote for your site, ask me.\n\nKind regards\n{name}"),
    ),
    "complaint": (
        ("This cannot go on", "Hello,\n\n{product} lost jobs again on {day}. {tech} stood at {place} for an hour. I am not happy, and I have to explain it to our management.\n\n{name}"),
        ("Slow again", "Hi,\n\n{product} takes ages to load in the morning, third week in a row. Please do something.\n\n{first}"),
    ),
    "churn": (
        ("Our contract", "Hello,\n\nplease tell me the notice period of our contract. We are looking at {rival} and may not renew.\n\n{name}"),
        ("Renewal", "Hi,\n\nhonestly, at the moment I do not see us renewing {product}.\n\n{first}"),
    ),
    "introduced": (
        ("Introduction", "Hi,\n\nmay I introduce {friend} from {firm}? They fight with the same planning chaos we had. I told them about {product}.\n\nBest\n{first}"),
    ),
    "colleague": (
        ("Please add my colleague", "Hello,\n\nplease send the invitation for {day} to my colleague {other} as well.\n\nThanks,\n{first}"),
    ),
    "interested": (
        ("Question about {wish}", "Hi,\n\nwe would like to see {wish}. Is there a version for companies of our size, and could you show it to us next week?\n\n{name}"),
    ),
    "plain": (
        ("Re: review {day}", "Hi,\n\n{day} at {clock} works for me.\n\n{first}"),
        ("Documents", "Hello,\n\nattached is the list you asked for.\n\nRegards\n{name}"),
        ("Parking", "Hi,\n\nplease use the gate at {place}, reception will let you in.\n\n{first}"),
    ),
}  # fmt: skip

RIVALS = ("FieldHero", "PlanRadius", "a cheaper system", "their old spreadsheets", "Jobflow")
