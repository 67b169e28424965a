"""A milestone is moved to another time, its length kept; it must never change anything else of the plan."""
