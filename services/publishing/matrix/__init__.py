"""The desk: events down, requirements across, one cell of it beside them, and what is done to several at once.

It must never judge: what is done to a cell is a command of `commands`, as by the form of one piece and by the API.
"""
