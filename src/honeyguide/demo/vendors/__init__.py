"""The systems Tidewater uses, as their vendors' APIs answer: HubSpot, Zendesk and Stripe in small.

Contract
- They speak the vendors' shapes, pages and signatures as far as the shipped connectors ask for them, and know nothing of
  Honeyguide: it meets them as it meets the real ones, by the same definitions, at another address.
- What they know is folded from the story: history at the start, then what happens live, of which a diary
  is kept for the next start. All of it lives in memory.
- They listen on the loopback address only and ask for the token that was made for this installation.
"""

from honeyguide.demo.vendors.books import Record, Shelf
from honeyguide.demo.vendors.diary import Diary
from honeyguide.demo.vendors.hubspot import HubSpot
from honeyguide.demo.vendors.office import Office, serving
from honeyguide.demo.vendors.stripe import Stripe
from honeyguide.demo.vendors.zendesk import Zendesk

__all__ = ["Diary", "HubSpot", "Office", "Record", "Shelf", "Stripe", "Zendesk", "serving"]
