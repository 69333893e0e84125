"""Entries: what is sent in, from draft to frozen snapshot, and what it costs."""
