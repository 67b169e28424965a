"""Photos and proofs: checked, re-encoded, kept under their digest; it must never keep what could run in a browser."""
