"""The look that the report and the sandbox's page share: style sheets, and no code at all.

The colours and shapes of the French State's pages, with fonts that every machine has.
"""
