"""Démarches simplifiées over HTTP: the documents, the one transport, the one classification of answers, the readers.

GraphQL, HTTP and raw JSON live here and nowhere else; out go `core.model` values and the `RemoteError` family.
Open it with `connector.api.gateway.ouvrir`, imported only when a gateway is needed: gql costs 0.4 s.
No rule, no SQL, no clock of its own: time, waiting and chance are arguments.
"""
