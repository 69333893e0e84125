"""Keys of the film window, by SDL's names."""

from playback._types import Command

KEYS = {
    "Escape": "panic",
    "R": "resume",
    "H": "hold",
    "A": "auto",
    "D": "default",
    "Close": "stop",
}


def key_command(key: str) -> Command | None:
    """Return what a key asks for, or None if it asks for nothing."""
    digit = key.removeprefix("Keypad ")
    if digit in set("123456789"):
        return Command("take", int(digit), "window")
    return Command(KEYS[key], operator="window") if key in KEYS else None
