"""The log of what people did: put down with the act, chained afterwards, verified; it must never change an entry."""
