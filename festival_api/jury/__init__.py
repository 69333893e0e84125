"""The jury: who judges what, blind where it must be, and how opinions become decisions."""
