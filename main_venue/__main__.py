"""Starts a main venue's node: `python -m main_venue --config PATH`."""

import sys

from main_venue import assembly
from sub_venue import config
from sub_venue.starting import start

if __name__ == "__main__":
    sys.exit(start("main_venue", "主场节点", "A main venue's node", config.read, assembly.run))
