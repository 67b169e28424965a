"""The intake: from the bytes of a stranger to a candidate fact or to the list of all that is wrong with them.

Pure: no I/O, no clock; it never stores or announces anything.
"""
