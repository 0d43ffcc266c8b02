"""From which probability on a pass decides alone, and from which it asks. Per kind; labels may raise it (`labels`)."""

# Chosen on a generated CRM (seed 77), reported on others. A wrong merge costs more than a question: two persons in one get each other's asks. Companies that share name, place and
# half a domain may be a group's daughters, so nearly all of theirs are asked.
ACCEPT = {"persona": 0.9, "company": 0.999_999}
REVIEW = {"persona": 0.5, "company": 0.7}
