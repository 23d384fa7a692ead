"""Pieces looked into, not hoarded (the `pieces` extra): fetched to a file without a name, examined, forgotten.

A child process does both, bounded in time, memory and size, without any of our secrets in its environment: whatever a
hostile file does, it does there. `relecteur` is the parent's side, `enfant` the child's.
"""
