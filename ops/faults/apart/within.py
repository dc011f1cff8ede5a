"""`python -m ops.faults.apart.within NAMESPACE MODULE …`: go on as that module, in another network.

Owns nothing but the way there. The process ends with the one that started it.
"""

import runpy
import sys

from ops.faults.apart import namespaces


def command(path: str) -> tuple[str, ...]:
    """What goes before a module and its arguments, so that it runs there."""
    return (sys.executable, "-m", "ops.faults.apart.within", path)


def main() -> None:
    """See the top."""
    path, module, *arguments = sys.argv[1:]
    namespaces.die_with_parent()
    namespaces.enter(path)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
