"""The doors of publishing, pages and API; they parse, call the desk, show, and must never judge."""
