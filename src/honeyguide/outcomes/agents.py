"""Who follows links: people, or the machines that read mail before them. Pure.

A GET never proves a person, because link scanners use the names of real browsers; what a person alone does is
to send the form. So a GET with a browser's name is `unknown` until the same visitor signs up.
"""

import re

from honeyguide.outcomes.terms import Agent

_MACHINES = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|scan|safelinks|proofpoint|mimecast|barracuda|urldefense|ironport|symantec|"
    r"trendmicro|fireeye|sophos|zscaler|forcepoint|messagelabs|mailguard|cloudmark|virustotal|facebookexternalhit|"
    r"slack-img|slackbot|whatsapp|telegram|discord|skypeuripreview|linkedin|twitter|embedly|pinterest|vkshare|"
    r"googleimageproxy|ggpht|yahoomailproxy|microsoft office|ms-office|outlook-|headless|phantom|selenium|puppeteer|"
    r"playwright|curl|wget|python|go-http|java/|okhttp|libwww|httpclient|axios|node-fetch|undici|aiohttp|httpx|"
    r"monitor|uptime|pingdom|statuscake|lighthouse|dataprovider|nutch|heritrix",
    re.IGNORECASE,
)
_BROWSER = re.compile(r"mozilla/\d", re.IGNORECASE)


def classify(agent: str, method: str) -> Agent:
    """`scanner` for machines and HEAD, `person` for a form that was sent by a browser, else `unknown`."""
    if method.upper() in ("HEAD", "OPTIONS") or not agent.strip() or _MACHINES.search(agent):
        return "scanner"
    if method.upper() == "POST" and _BROWSER.search(agent):
        return "person"
    return "unknown"
