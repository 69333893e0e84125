"""The operator's console: one page in a browser, served by its own process.

The supervisor (or `hall console`) writes a `Job` and starts ``python -m engine.console JOB.json``;
`read_address` then tells where the page is. The page listens to the engine and to the player, and
sends the operator's commands to the player's own socket, so that they work while the engine hangs.
A console may die, be started again, or be open in several browsers: the film takes no notice.

Who may open it: the console binds to the loopback address only, and refuses every request and every
websocket whose Host is not a loopback name, or whose Origin is not the console itself. A page of
another site, or a name that somebody else's DNS points at 127.0.0.1, cannot press its buttons.
"""

from engine.console._booth import Booth
from engine.console._job import Job, forget_address, read_address

__all__ = ["Booth", "Job", "forget_address", "read_address"]
