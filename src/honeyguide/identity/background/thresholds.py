"""From which probability on a pass decides alone, and from which it asks. Per kind; labels may raise it (`labels`)."""

# A wrong merge costs more than a question: two persons in one get each other's asks. Companies are joined by name and place
# alone more often than they should be, so nearly all of theirs are asked.
ACCEPT = {"persona": 0.95, "company": 0.999}
REVIEW = {"persona": 0.5, "company": 0.7}
