"""`python -m engine.cli`, the same as `hall`."""

from engine.cli import main

main()
