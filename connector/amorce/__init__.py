"""The first configuration of an ARS, from its own démarche: what each champ must be, what is missing, the file.

Here: guesses with their confidence, the text of config.toml and its careful rewriting, the conversation of
« connector init ». Not here: anything that a pass needs; nothing here writes to Démarches simplifiées.
"""
