"""A plan as a calendar (iCalendar, RFC 5545): to be taken along, or subscribed to; titles and times, never a person."""
