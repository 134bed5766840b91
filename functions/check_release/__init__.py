"""Before D1 sends anything to a new version: does it receive, store, and answer?"""
