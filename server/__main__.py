"""Starts a coordinator: `python -m server --config PATH`."""

import sys
from typing import Final

from server import assembly, config
from server.starting import start
from server.store.contract import NotDurable

_NO_DATABASE: Final = (
    "数据库无法使用。请检查磁盘空间与文件权限,或配置中 database 所指的服务器",
    "The database cannot be used. Check the disk's space, the file's rights, or the server that is named",
)

if __name__ == "__main__":
    sys.exit(
        start("server", "协调系统", "The coordinator", config.read, assembly.run, {NotDurable: _NO_DATABASE})
    )
