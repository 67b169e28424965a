"""Files of events: from the bytes of a workbook or a calendar to rows, or to the list of all that is wrong with them.

Pure: no I/O, no clock; it never knows what was imported before.
"""
