"""Starts a cosigner: `python -m sub_venue.cosigner --config PATH`."""

import sys

from sub_venue.cosigner import assembly, settings
from sub_venue.starting import start

if __name__ == "__main__":
    sys.exit(start("sub_venue.cosigner", "联署节点", "A cosigner", settings.read, assembly.run))
