"""PanelHub as a provider: API v2 for programs, served from one table of actions.

A call goes ``reading`` (a form or JSON becomes text) → ``tokens`` (who calls, how often, from where) →
``table`` (which action) → ``actions`` or ``selling`` (what it does, by way of ``calling``, which knows
whose rows it may touch) → ``replies`` (the hub's rows in the field's shapes). ``offer_list`` is what is sold at
which price, ``opening`` how something comes onto it; ``examples`` and ``openapi`` describe the table.
"""
