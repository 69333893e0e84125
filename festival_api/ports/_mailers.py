"""Where mail goes: into a folder, or to a mail server."""

from __future__ import annotations

import smtplib
import ssl
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from festival_api.ports._files import write_whole
from festival_api.ports._message import MailError, Message, checked_address, rfc5322

__all__ = ["FileOutbox", "SmtpMailer"]

_TIMEOUT_S = 20.0
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class FileOutbox:
    """Mail as files in a folder, for trying out and for places without a mail server.

    Any mail program opens them. Their names sort by time; the same message sent twice at one
    instant is one file.

    Parameters
    ----------
    folder : Path
        Made when it is missing. It holds confirmation links: nobody else may read it.
    sender : str
        Bare address that messages come from.

    Raises
    ------
    MailError
        `sender` is no address.
    """

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = checked_address(sender)

    def send(self, message: Message, now: datetime, message_id: str) -> None:
        """See `Mailer`."""
        data = rfc5322(message, self._sender, now, message_id)
        path = self._folder / f"{now.astimezone(UTC):%Y%m%dT%H%M%S.%f}Z-{message_id}.eml"
        try:
            write_whole(path, data)
        except OSError as error:
            raise MailError(
                f"{path} cannot be written ({error.strerror}): see to the folder's rights and space"
            ) from error


class SmtpMailer:
    """Mail through a mail server.

    Parameters
    ----------
    url : str
        ``smtps://user:password@host`` (TLS from the first byte, port 465),
        ``smtp+starttls://user:password@host`` (TLS before anything is said, port 587; a server
        without it is not used) or ``smtp://host`` (port 25, in clear, so without a password). User
        and password are percent-encoded; another port stands after the host.
    sender : str
        Bare address that messages come from.

    Raises
    ------
    MailError
        The URL or the sender cannot be used.
    """

    def __init__(self, url: str, sender: str) -> None:
        self._sender = checked_address(sender)
        # The URL holds a password, so no error here repeats a part of it or is raised from one that
        # does.
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise MailError(
                "the mail server's URL has brackets or a port that make no sense"
            ) from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
            raise MailError(
                "the mail server's URL must be smtps://, smtp+starttls:// or smtp:// and a host,"
                " with nothing after it"
            )
        self._scheme, self._host = parts.scheme, parts.hostname
        self._port = port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        if self._user and parts.scheme == "smtp":
            raise MailError(
                "smtp:// would send the mail server's password in clear: write smtps:// or"
                " smtp+starttls://"
            )

    def send(self, message: Message, now: datetime, message_id: str) -> None:
        """See `Mailer`."""
        data = rfc5322(message, self._sender, now, message_id)
        server = f"the mail server {self._host}:{self._port}"
        try:
            with self._connected() as smtp:
                smtp.sendmail(self._sender, [message.to], data)
        except smtplib.SMTPRecipientsRefused as error:
            code, _ = error.recipients[message.to]
            raise MailError(
                f"{server} does not take mail to {message.to} (code {code}): check it"
            ) from error
        except smtplib.SMTPAuthenticationError as error:
            raise MailError(
                f"{server} does not know this user and password: check its URL"
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailError(f"{server} lacks what the URL asks for: {error}") from error
        except ssl.SSLError as error:
            raise MailError(f"{server} shows no certificate to trust: {error.reason}") from error
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise MailError(
                f"{server} did not take the message ({type(error).__name__}): try again later,"
                " or check its URL"
            ) from error

    def _connected(self) -> smtplib.SMTP:
        # The name we greet with is the sender's domain: looking up this machine's own can take many
        # seconds.
        domain = self._sender.rpartition("@")[2]
        if self._scheme == "smtps":
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, domain, timeout=_TIMEOUT_S, context=context
            )
        else:
            smtp = smtplib.SMTP(self._host, self._port, domain, timeout=_TIMEOUT_S)
        try:
            if self._scheme == "smtp+starttls":
                smtp.starttls(context=ssl.create_default_context())
            if self._user:
                smtp.login(self._user, self._password)
        except BaseException:
            smtp.close()
            raise
        return smtp
