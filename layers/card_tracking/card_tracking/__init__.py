"""What a bank knows about its cards in production at Thales D1, and how it comes to know it.

Rooms, and what each may import (a test holds the direction):

``domain``     statuses, order, merge, alerts: pure functions over frozen records, standard library only
``wire``       D1's notifications and our own messages, read and written; imports ``domain``
``adapters``   the table, the topic, the queue, D1; the only room that talks to anyone; imports ``domain`` and ``wire``
``use_cases``  what happens, step by step, when something arrives or is due; imports all of the above
"""
