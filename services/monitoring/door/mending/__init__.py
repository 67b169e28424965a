"""The pages on which people mend what the intake set aside: what is wrong, what to write, what would come of it.

It must never decide: rules and gate are the intake's own.
"""
