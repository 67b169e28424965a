"""Words to people before and after a due date: the announcement that it is near, and the ladder of mails.

It must never judge an obligation: it tells of what the engine has judged.
"""
