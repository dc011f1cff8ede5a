"""Starts a sub-venue's node: `python -m sub_venue --config PATH`."""

import sys

from sub_venue import assembly, config
from sub_venue.starting import start

if __name__ == "__main__":
    sys.exit(start("sub_venue", "副场节点", "A sub-venue's node", config.read, assembly.run))
