"""What is live compared with what was made again, so that not one document that differs goes unsaid.

noting       what is noted of documents on disk, by any process    lines    evidence lines and their digest (pure)
comparison   what was found (pure)                                 sides    the two stores, and how they are compared
"""
