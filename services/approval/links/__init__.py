"""A link of one use, on which a reviewer decides without signing in; it must never decide by itself."""
