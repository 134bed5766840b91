"""The page of ``make run``: cards, stories, alerts, rejected operations and scenarios, in a browser on this machine.

``reading`` asks the stack as any other client does, ``news`` keeps what was seen, ``scenarios`` runs a D1, ``server``
answers the browser, ``static`` is the page itself: plain files, no build, nothing from elsewhere.
"""
