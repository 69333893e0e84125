"""Pictures of the festival's pages: `python docs/festival_pictures.py`.

Serves the edition that ships with the project on a database of its own, with an entry under way and a juror at work,
and takes the pictures of the pages in the system's Chromium.
"""
