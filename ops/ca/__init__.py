"""Demonstration authorities, one for a province: they issue, revoke and answer as a recognised CA would."""
