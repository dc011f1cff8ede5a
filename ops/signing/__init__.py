"""Signing a report at the command line: prepare, sign, check (评标报告签署命令)."""
