"""The reading room: documents at this venue, shown as pictures and text of single pages, never as files."""
