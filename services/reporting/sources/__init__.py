"""What stands behind a number of the report: its formula, the messages it was read from, what became of a proposal.

It must never count anew: `report` does that.
"""
