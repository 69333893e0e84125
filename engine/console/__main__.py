"""Run the console whose job file is named on the command line."""

import sys
from pathlib import Path

import msgspec

from engine import logs
from engine.console._job import Job
from engine.console._server import serve

if __name__ == "__main__":
    logs.configure()
    serve(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job))
