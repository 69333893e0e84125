"""The commands `hall festival …`."""
