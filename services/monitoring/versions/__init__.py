"""Policies and calendars as versioned data: issued, previewed, tried on past years, and taken back in time.

It must never change a version that was issued, nor judge an event: a new version is a new fact, and the algebra judges.

calendar_rules, policy_rules   what may be issued, as pure functions      issuing         the commands
moves                          what an act would move, before it is done   what_if         other rules for a past year
knowing                        what was known on a day                     replay, runs    counting from the facts anew
web_*, view_*                  the doors and the pages
"""
