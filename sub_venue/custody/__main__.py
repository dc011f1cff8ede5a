"""Starts a custodian's standing service: `python -m sub_venue.custody --config PATH`."""

import sys

from sub_venue.custody import assembly, settings
from sub_venue.starting import start

if __name__ == "__main__":
    sys.exit(start("sub_venue.custody", "密钥托管服务", "A custodian's service", settings.read, assembly.run))
