"""A D1 that calls a running stack, as D1 does, and then checks that the stack did what it promises.

Run it by ``make d1 SCENARIO=…``, or as ``python -m local.d1 SCENARIO`` (``--help`` tells all options) with
``PYTHONPATH=layers/card_tracking``, which make sets. What a scenario must end in is stated by the
scenario itself, from D1's contract and the product's design; nothing here asks the product's code what is right.
"""
