"""The pages of monitoring, on what the read API stands on; it must never judge an event.

words, telling, why, track, lanes   how codes, facts and due dates are said and drawn
view_*                              what each page shows        board, loading   what is asked for together
"""
