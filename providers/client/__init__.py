"""The wire: bytes from a panel become typed values or a typed error, and nothing else leaves this package.

Pure Python over `requests`: no Django, no models, no settings. Limits and permissions are passed in.

    client       one method for each documented action
    judge        the one list of certain outcomes
    readers*     a decoded reply to a typed value, one reader an action; `reply` finds the answer in its wrappings
    decode       bytes to a JSON document, and where errors hide in it
    figures      ids, money, counts, flags;  clean  texts;  words  what the field's words mean
    transport    one POST under one deadline: says what happened, never what it means
    connection   what keeps that deadline, and notes how far the call got;  address  where a panel may be
    values, outcomes   what all this comes to
"""
