"""The demo company: Tidewater, who sell scheduling and dispatch software to field-service companies.

Contract
- Everything is invented, and the same seed and end tell the same story: about 400 customers, 2,000 people, one year.
- It meets the product as its customers do: over HTTP only. The product's own usage comes by the Segment API; HubSpot,
  Zendesk and Stripe are fetched by the shipped connectors from small vendors of its own (`demo.vendors`), and tell by webhook
  what changes; people use the console's API and the public pages.
- All domains end in `.example`; the few private addresses are never given consent.
- Loading twice stores nothing twice; the opening week and the live story go on where they stopped.

`play` does all of it in order; `generate`, `load`, `run_live` and `play_opening` are its parts.
"""

from honeyguide.demo.event import DOORS, DemoEvent
from honeyguide.demo.live import run_live
from honeyguide.demo.load import Credentials, Loaded, load
from honeyguide.demo.opening import Opened, play_opening
from honeyguide.demo.play import SEED, load_history, play
from honeyguide.demo.sign import headers_for
from honeyguide.demo.state import DemoState, Story, change_state, keep_story, read_state, read_story
from honeyguide.demo.story import continue_story, generate
from honeyguide.demo.vendors import Office, serving
from honeyguide.demo.vendors.hubspot import LEFT, OWN

__all__ = [
    "DOORS",
    "LEFT",
    "OWN",
    "SEED",
    "Credentials",
    "DemoEvent",
    "DemoState",
    "Loaded",
    "Office",
    "Opened",
    "Story",
    "change_state",
    "continue_story",
    "generate",
    "headers_for",
    "keep_story",
    "load",
    "load_history",
    "play",
    "play_opening",
    "read_state",
    "read_story",
    "run_live",
    "serving",
]
