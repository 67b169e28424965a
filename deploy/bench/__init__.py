"""Benchmarks of the running system: measured, printed and judged by whoever reads them, never by a test."""
