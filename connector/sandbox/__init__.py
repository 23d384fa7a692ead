"""A local Démarches simplifiées over real HTTP, to try rules and templates with no token, and for the tests.

Here live its world (`world`), the people who act in it (`scenario`), its schema in our own words and the
resolvers that execute it, the HTTP server, and the network faults that a test may script.
Nothing from `connector.api` or `connector.core` may be imported here: it is the other side of the wire.
"""
