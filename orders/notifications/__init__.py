"""Alerts: what is worth telling, to whom, over what, and each thing once.

``kinds`` lists them, ``finding`` looks for them in the database, ``watching`` turns what is found into
notices, ``channels`` knows the ways out, ``sending`` uses them.
"""
