"""What knows: values, rules, calculations and decisions of the domain.

Pure and on the standard library only: no clock, no file, no network, no environment, no library.
Whatever a rule needs (today's date, a distance, a zone) is handed to it as data.
"""
