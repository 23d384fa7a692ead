"""Files an ARS receives or downloads → typed rows and an import report (domaine §3).

Bytes, encodings, spreadsheets and GeoJSON stop here: what leaves is `core.referentiels`. Nothing is stored, nothing is
downloaded, and whatever the file holds, the only error that comes out is an OperatorError in French.
"""
