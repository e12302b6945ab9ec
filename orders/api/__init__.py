"""PanelHub as a provider: API v2 for programs, served from one table of actions.

``tokens`` knows who calls, ``shelf`` what is sold at which price, ``replies`` how the hub's
rows are written in the field's shapes, ``actions`` what each action does, ``table`` lists them
for the endpoint, the documentation page and the OpenAPI description.
"""
