"""A moment as people read it, without a calendar of the machine's (ISO 8601, UTC)."""


def text(at: int) -> str:
    """A moment in ms since 1970 as `2026-11-26 08:30:00Z`, to the second below.

    >>> text(0), text(1_795_681_800_999), text(253_402_300_799_000)
    ('1970-01-01 00:00:00Z', '2026-11-26 08:30:00Z', '9999-12-31 23:59:59Z')
    """
    days, second = divmod(at // 1000, 86_400)
    # Days since 0000-03-01, so that a leap day is the last of its year (Richards' algorithm).
    era, day = divmod(days + 719_468, 146_097)
    year_of_era = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year_of_era + year_of_era // 4 - year_of_era // 100
    month = (5 * day + 2) // 153
    day_of_month = day - (153 * month + 2) // 5 + 1
    year = era * 400 + year_of_era + (month >= 10)
    month = month + 3 if month < 10 else month - 9
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
    return f"{year:04}-{month:02}-{day_of_month:02} {clock}"
