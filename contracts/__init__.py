"""The one language between the services: message types, their data, ids, codes and topics.

Never holds a rule of the procedure, and imports pydantic and the standard library only.
"""
