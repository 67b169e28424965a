"""The peers of E1: programs on other stream libraries, each in a virtual environment of its own, never in .venv.

on_quix, on_faust     the programs; a peer keeps the state and reads the log in its own way, the rules are ours
stepping, task        what both call, and what they are told: pure rules alone, for their environments hold little else
environment, contest  how they are installed and run, and how they are set against ours
"""
