"""The story of one card, for whoever is asked about it: what arrived, what each arrival did, and why.

Run it by ``make explain CARD=…``, or as ``python -m local.explain CARD`` with ``PYTHONPATH=layers/card_tracking``,
which make sets. It only reads. What an arrival did is found
by merging the recorded deliveries once more, with the product's own rule.
"""
