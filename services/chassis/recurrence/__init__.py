"""Recurring work (RFC 5545): its periods within a span of days; it must never know what recurs."""
