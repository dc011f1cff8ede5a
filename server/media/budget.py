"""How much may be sent again to one viewer: so many packets in each second."""

from server.senses import Senses


class Budget:
    """How many packets may be sent again to one viewer in a second."""

    def __init__(self, senses: Senses, per_s_max: int) -> None:
        """Nothing is used yet."""
        self._senses, self._per_s_max = senses, per_s_max
        self._second, self._used = -1, 0

    def takes(self) -> bool:
        """Use one, unless this second has had its share."""
        second = self._senses.running_ms() // 1000
        if second != self._second:
            self._second, self._used = second, 0
        self._used += 1
        return self._used <= self._per_s_max
