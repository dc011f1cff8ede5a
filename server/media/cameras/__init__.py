"""A venue's own cameras: read where they are (V4L2, RTSP, files) and published to its worker (SPEC 30.13)."""
