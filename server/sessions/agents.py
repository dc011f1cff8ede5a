"""The agents enrolled at this installation: whose keys may sign a genesis (DESIGN 3).

Keys come from the configuration, and from sign-ins with a code for an agent's seat; the latter are
kept in the store. Where several coordinators share it, another may have enrolled a key: `load` again.
"""

from collections.abc import Iterable

from server.store.contract import Store


class Agents:
    """Enrolled agents' keys, in memory and in the store."""

    def __init__(self, configured: Iterable[str], store: Store) -> None:
        """Know the configured keys; `load` adds the kept ones."""
        self._keys = set(configured)
        self._store = store

    async def load(self) -> None:
        """Take up the keys that the store has kept.

        Raises:
          NotDurable: the store cannot be read.
        """
        self._keys.update(await self._store.agents())

    def known(self, key: str) -> bool:
        """Whether a key is an agent's."""
        return key in self._keys

    async def enrol(self, key: str, at: int) -> None:
        """Know a key from now on, durably.

        Raises:
          NotDurable: it could not be kept; it is not known then.
        """
        await self._store.enrol_agent(key, at)
        self._keys.add(key)

    def enrolled(self, key: str) -> None:
        """A key that the store has been given already, in another transaction."""
        self._keys.add(key)
