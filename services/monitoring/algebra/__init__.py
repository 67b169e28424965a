"""The algebra: from facts to obligations, as pure functions; it must never do I/O, read a clock or throw dice.

facts, messages      what messages say about one event       groups       which event keys are one event
rulings, effective   what all of it says together            plans, milestones    what approved plans ask for
owed                 which obligations there are              calendars, due, explain    when each is due, and why
publications         what discharges them                     causes       waivers, and why something is missed
obligations          all of it together: the documents
"""
