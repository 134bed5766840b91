"""The contract with D1 and with those who integrate, read off the code that keeps it.

``make docs`` writes it: ``docs/contract.md`` between its marks, ``docs/openapi.yaml``, ``docs/asyncapi.yaml`` and
``docs/schemas``. What is committed must be what the code gives (tests/contract).
"""
