"""Typesetting (排版): documents in good Chinese form, the same bytes on every machine."""
