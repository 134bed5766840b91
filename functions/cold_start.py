"""No search for garbage during a cold start: an app imports this first, and calls ``over`` once it is made.

What is imported stays. Python looks through all of it for garbage nevertheless, for about a tenth of a start.
"""

import gc

gc.disable()


def over() -> None:
    """Collect garbage from now on, and never among what the start has made."""
    gc.freeze()
    gc.enable()
