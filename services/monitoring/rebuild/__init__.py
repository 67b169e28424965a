"""All documents made again from the topics, beside the live ones, then put in their place; it must announce nothing.

journal     the topics, read from noted offsets to noted ends     spill       their records on disk, by event
known       what the topics say of one event (pure)               folding     from records to staged documents
staging     the collections beside the live ones                  comparing   what differs from the live ones
swapping    how the staged ones take the place                    running     the steps, one after the other
spreading   the parts of the work, by several processes           shared      what the topics say to all events
progress    how far it has come, in words                         command     what a person starts

Order does not matter to the algebra, so all facts of an event are gathered first and judged once. What monitoring
announced is read back from `compliance`: the staged documents are the facts judged, with what was told of them. Where
the judgement differs from what was told, the event is left as told and marked as judged under no reference data: the
sweep of the live service judges it, and announces the difference by the one path there is.
"""
