"""The service on the web: endpoints that ask the festival's packages and tell their answers.

An endpoint does four things: take what was sent, ask who may, call one function inside one
transaction, tell the answer. Rules live below, in `accounts`, `entries` and `jury`.
"""

from festival_api.web._app import create_app, description
from festival_api.web._festival import Festival
from festival_api.web._worker import DUTIES, Worker

__all__ = ["DUTIES", "Festival", "Worker", "create_app", "description"]
