"""XLSX files, parsed within bounds that a hostile file cannot pass; nothing here needs more than the standard library.

It runs as a program of its own (:mod:`orders.mass.workbooks.program`), away from the pages that people wait for.
"""
