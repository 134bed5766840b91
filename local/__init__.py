"""The deployed template on one machine: an embedded AWS, the stack in it, and a view of what happens.

Nothing in here goes to AWS. ``make run`` and the integration tests share it, so both deploy the same way.
"""
