"""E-mail over SMTP: any server by HONEYGUIDE_SMTP_URL, else the built-in sink."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib
from msgspec import Struct

from honeyguide.core.errors import BadInput, Unavailable
from honeyguide.delivery import Letter
from honeyguide.settings import Settings

# List-Unsubscribe must stay on one line: folding it breaks its signature at some receivers.
_POLICY = SMTP.clone(max_line_length=998)
_TIMEOUT_S = 20
WORKSPACE_HEADER = "X-Honeyguide-Workspace"


class Server(Struct, frozen=True):
    """Where to deliver."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool | None = None


def server_of(settings: Settings) -> Server:
    """The server of `smtp://user:password@host:port` (STARTTLS when offered; `smtps://` for TLS from the start).

    Raises BadInput on any other form.
    """
    if not settings.smtp_url:
        return Server("127.0.0.1", settings.sink_port, starttls=False)
    parts = urlsplit(settings.smtp_url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise BadInput(
            "HONEYGUIDE_SMTP_URL cannot be used.",
            "It takes smtp://user:password@host:587 or smtps://user:password@host:465.",
        )
    tls = parts.scheme == "smtps"
    return Server(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
    )


class EmailChannel:
    """Carries letters by SMTP. The Message-ID is the letter's id, so a repeat is recognisable on the other side."""

    name = "email"

    def __init__(self, settings: Settings) -> None:
        self._server = server_of(settings)
        self._sender = settings.mail_from
        self._address = parseaddr(settings.mail_from)[1]
        self._domain = self._address.rpartition("@")[2] or "localhost"

    async def send(self, letter: Letter) -> str:
        """Deliver to the server. Raises Unavailable (try later) or BadInput (the address was refused for good)."""
        mail = self.mail(letter)
        server = self._server
        try:
            await aiosmtplib.send(
                mail.as_bytes(),  # our bytes: the library would fold long headers anew
                sender=self._address,
                recipients=[letter.to],
                hostname=server.host,
                port=server.port,
                username=server.username or None,
                password=server.password or None,
                use_tls=server.tls,
                start_tls=server.starttls,
                timeout=_TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as problem:
            refusal = problem.recipients[0]
            if refusal.code >= 500:
                raise BadInput("The mail server refused the address.", refusal.message) from problem
            raise Unavailable("The mail server does not take the address now.", refusal.message) from problem
        except aiosmtplib.SMTPResponseException as problem:
            kind = BadInput if 550 <= problem.code < 560 else Unavailable
            raise kind("The mail server refused the message.", f"{problem.code} {problem.message}") from problem
        except (aiosmtplib.SMTPException, OSError) as problem:
            raise Unavailable("The mail server cannot be reached.", str(problem)) from problem
        return str(mail["Message-ID"])

    def mail(self, letter: Letter) -> EmailMessage:
        """The letter as a MIME message: plain text first, HTML beside it. Raises BadInput on an address that is none."""
        mail = EmailMessage(policy=_POLICY)
        try:
            mail["From"] = self._sender
            mail["To"] = Address(addr_spec=letter.to)
            mail["Subject"] = letter.subject
            mail["Message-ID"] = f"<{letter.id}@{self._domain}>"
            mail["Date"] = formatdate()
            mail[WORKSPACE_HEADER] = str(letter.workspace_id)
            for name, value in letter.headers.items():
                mail[name] = value
        except Exception as problem:  # the header parser raises many kinds for what people call an address
            raise BadInput("The letter cannot be addressed.", str(problem)) from problem
        mail.set_content(letter.text)
        if letter.html:
            mail.add_alternative(letter.html, subtype="html")
        return mail
