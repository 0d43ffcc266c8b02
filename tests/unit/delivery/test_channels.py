"""The e-mail channel and the built-in sink, over real SMTP on this machine."""

from email import message_from_bytes
from email.policy import default

import msgspec
import pytest

from honeyguide.channels.email import EmailChannel, server_of
from honeyguide.channels.sink import MailSink
from honeyguide.core.errors import BadInput, Unavailable
from honeyguide.db import Database
from honeyguide.delivery import Letter
from honeyguide.settings import Settings


def letter(workspace: int, **more: str) -> Letter:
    return Letter(
        id=more.get("id", "5d0d7c52-0000-4000-8000-000000000001"),
        workspace_id=workspace,
        to=more.get("to", "ana@example.com"),
        subject=more.get("subject", "Grüße, Ana"),
        text="Hello Ana",
        html="<p>Hello Ana</p>",
        headers={"List-Unsubscribe": "<https://refer.example/u/hgu_" + "x" * 90 + ">"},
    )


async def test_a_letter_lands_in_its_workspace_once(
    db: Database, workspace: int, other_workspace: int, settings: Settings
) -> None:
    sink = MailSink(db, 0)
    await sink.start()
    try:
        channel = EmailChannel(msgspec.structs.replace(settings, sink_port=sink.port))
        first = await channel.send(letter(workspace))
        assert await channel.send(letter(workspace)) == first  # a crash before our commit sends it again
    finally:
        await sink.stop()
    async with db.tx(workspace) as tx:
        rows = await tx.rows("select * from sink_mail where workspace_id = $1", workspace)
    assert len(rows) == 1
    assert rows[0]["message_ref"] == first == "<5d0d7c52-0000-4000-8000-000000000001@localhost>"
    raw: bytes = rows[0]["raw"]
    assert b"\r\nList-Unsubscribe: <https://refer.example/u/hgu_" + b"x" * 90 + b">\r\n" in raw  # one line
    mail = message_from_bytes(raw, policy=default)
    assert mail["Subject"] == "Grüße, Ana"
    assert mail.is_multipart()
    async with db.tx(other_workspace) as tx:
        assert await tx.value("select count(*) from sink_mail") == 0


async def test_without_a_server_it_may_be_tried_later(settings: Settings) -> None:
    channel = EmailChannel(msgspec.structs.replace(settings, sink_port=9))
    with pytest.raises(Unavailable):
        await channel.send(letter(1))


@pytest.mark.parametrize("to", ["ana", "ana@example.com\r\nBcc: x@example.com", "a@b, c@d", ""])
def test_what_is_no_address_is_refused(settings: Settings, to: str) -> None:
    with pytest.raises(BadInput):
        EmailChannel(settings).mail(letter(1, to=to))


def test_smtp_urls(settings: Settings) -> None:
    with_tls = msgspec.structs.replace(settings, smtp_url="smtps://me%40x:p%2Fw@mail.example")
    assert msgspec.structs.astuple(server_of(with_tls)) == ("mail.example", 465, "me@x", "p/w", True, None)
    with pytest.raises(BadInput):
        server_of(msgspec.structs.replace(settings, smtp_url="http://mail.example"))
