"""Benchmarks: the product's own processes against a peer or a limit, interleaved in one run."""
