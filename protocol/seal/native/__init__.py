"""The two system libraries that the national suite stands on; the only room that may use ctypes."""
