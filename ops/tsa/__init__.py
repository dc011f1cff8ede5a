"""A time-stamping authority (时间戳服务, RFC 3161) for demonstrations and tests."""
