"""The wire: bytes from a panel become typed values or a typed error, and nothing else leaves this package.

Pure Python over `requests`: no Django, no models, no settings. Limits and permissions are passed in.

    transport   one POST under one deadline; says what happened, never what it means
    address     which addresses a panel may have
    decode      bytes to a JSON document, and where errors hide in it
    readers     a JSON document to a typed value, one reader an action
    words       what the field's words mean: states, errors
    judge       the one list of certain outcomes
    client      one method for each documented action
"""
