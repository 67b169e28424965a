"""Imports: a workbook or a calendar of a unit that has no system becomes messages at the desk, all of them or none.

It must never hold a rule of the intake, nor guess what a cell may have meant.
"""
