"""The festival service: entries, jury, awards, token records, programme.

It stands apart from the hall: its own process and database, no import in either direction.
"""
