"""Faults: what machines, disks, clocks and lines do to a real stack, and whether anything was lost by it."""
