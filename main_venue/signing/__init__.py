"""Signing the report (评标报告签署): prepared once, signed by each by certificate, checked by anybody."""
