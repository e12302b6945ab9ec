"""Notifications: system alerts, who gets them and over which channels, each thing once.

``types`` lists them, ``detectors`` looks for them in the database, ``services`` turns what is found into
notices, ``channels`` defines the channels, ``delivery`` sends over them.
"""
