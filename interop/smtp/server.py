"""A relay on aiosmtpd that answers as its settings say, for tests of a client.

The one argument is JSON:
  port           where it listens on 127.0.0.1; absent or 0 for any
  tls            "none", "starttls" (required) or "implicit"; with certificate and key, the paths of PEM files
  user, password the only credential, which is required; absent for none
  size           the largest message in bytes
  pipelining     whether PIPELINING is offered
  drop_every     drops every connection with a number that this divides
  contents       whether the header fields, plain text and HTML of a mail are reported as well
  mails          mails that one connection may send before it gets 421
  mail, rcpt, content
                 answers by the address of the addressee (mail: of the sender), used one after the other; then it accepts.
                 An answer is a reply, "accept" (in its turn), "hang", or "die" (the connection ends)
  dkim           the TXT records by name that dkimpy finds when it verifies a mail; the line of a mail has what came of it
It prints {"port": …}, then a line for every mail that it accepts, and ends with its standard input.
"""

import asyncio
import email
import email.policy
import hashlib
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# Refused certificates and the like are what the tests are about.
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
settings = json.loads(sys.argv[1])
connections = 0


def report(**line):
    print(json.dumps(line), flush=True)


class Relay(SMTP):
    number = 0

    def connection_made(self, transport):
        global connections
        # TLS that is started later calls this again.
        if self.number == 0:
            connections += 1
            self.number = connections
            self.mails = 0
            every = settings.get("drop_every")
            if every and self.number % every == 0:
                transport.abort()
                return
        super().connection_made(transport)

    def connection_lost(self, error):
        if self.transport is not None:
            super().connection_lost(error)


async def answer(server, step, address):
    left = settings.get(step, {}).get(address)
    if not left:
        return None
    what = left.pop(0)
    if what == "hang":
        await asyncio.Event().wait()
    if what == "accept":
        return None
    if what == "die":
        server.transport.abort()
    return what


def verify(content):
    """Whether the signature of a mail is good, and the fields that it covers."""
    import dkim

    def find(name, timeout=5):
        return settings["dkim"].get(name.decode().rstrip("."), "").encode()

    signature = dkim.DKIM(content)
    good = signature.verify(dnsfunc=find)
    return {"good": good, "fields": sorted({name.decode().lower() for name, _ in signature.signed_headers})}


class Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        if settings.get("pipelining"):
            responses.insert(1, "250-PIPELINING")
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        limit = settings.get("mails")
        if limit and server.mails >= limit:
            asyncio.get_running_loop().call_soon(server.transport.close)
            return "421 4.7.0 too many mails on this connection"
        server.mails += 1
        refused = await answer(server, "mail", address)
        if refused:
            return refused
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        refused = await answer(server, "rcpt", address)
        if refused:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        refused = await answer(server, "content", envelope.rcpt_tos[0])
        if refused:
            return refused
        content = {}
        if settings.get("contents"):
            mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
            bodies = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
            plain, html = (body.get_content() if body else None for body in bodies.values())
            fields = {name.lower(): str(value) for name, value in mail.items()}
            content = {"fields": fields, "text": plain, "html": html}
        if "dkim" in settings:
            content["dkim"] = verify(envelope.original_content)
        report(
            **content,
            sender=envelope.mail_from,
            to=envelope.rcpt_tos[0],
            options=envelope.mail_options,
            sha256=hashlib.sha256(envelope.original_content).hexdigest(),
            connection=server.number,
            tls=session.ssl is not None or settings["tls"] == "implicit",
            user=session.auth_data,
        )
        return "250 2.0.0 queued"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (
        settings["user"].encode(),
        settings["password"].encode(),
    )
    return AuthResult(success=good, handled=False, auth_data=data.login.decode() if good else None)


async def main():
    tls = settings["tls"]
    context = None
    if tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings["certificate"], settings["key"])
    options = {"data_size_limit": settings.get("size", 10_000_000), "enable_SMTPUTF8": True, "hostname": "relay.example"}
    if tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if "user" in settings:
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": tls == "starttls"}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Relay(Handler(), **options), "127.0.0.1", settings.get("port", 0), ssl=context if tls == "implicit" else None, backlog=512
    )
    report(port=server.sockets[0].getsockname()[1])
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


asyncio.run(main())
