"""The bilan: what the commission, the director and the ministry look at.

Counting is pure: it takes what was read of each dossier and the register of posts, and gives tables that carry their
definitions. Pages, workbooks and CSV files are made from the same tables. No store, no rule, no clock here.
"""
