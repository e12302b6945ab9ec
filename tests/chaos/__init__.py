"""The fault run: a hub of several processes whose providers, workers, broker and database fail all the time.

At the end the books of the panels are held against those of the hub. ``make torture`` runs it; ``docs/chaos.md``
says what it does and its result.
"""
