"""What a jury does in LibreOffice, run by the system's own Python (the one that has UNO): open, type, save.

Arguments: the workbook, where to save it, a pipe's name, and JSON: {dossier: {title of a column: what is typed}}.
Prints JSON: the sheets, the titles, the dossiers, the cells that are formulas or errors, and the candidates' names.
"""

import json
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.table.CellContentType import FORMULA

source, sortie, tuyau, saisies = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])


def propriete(nom, valeur):
    propriete = PropertyValue()
    propriete.Name, propriete.Value = nom, valeur
    return propriete


def bureau():
    contexte = uno.getComponentContext()
    resolveur = contexte.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", contexte)
    fin = time.monotonic() + 120
    while True:
        try:
            distant = resolveur.resolve(f"uno:pipe,name={tuyau};urp;StarOffice.ComponentContext")
        except Exception:
            if time.monotonic() > fin:
                raise
            time.sleep(0.2)
        else:
            return distant.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", distant)


desktop = bureau()
document = desktop.loadComponentFromURL(
    Path(source).as_uri(), "_blank", 0, (propriete("Hidden", True), propriete("RepairPackage", False))
)
feuille = document.Sheets.getByIndex(0)
curseur = feuille.createCursor()
curseur.gotoEndOfUsedArea(False)
lignes, colonnes = curseur.RangeAddress.EndRow + 1, curseur.RangeAddress.EndColumn + 1
titres = {feuille.getCellByPosition(c, 0).String: c for c in range(colonnes)}
rangs = {feuille.getCellByPosition(0, r).String: r for r in range(1, lignes)}
fautes = [
    [c, r]
    for r in range(lignes)
    for c in range(colonnes)
    if feuille.getCellByPosition(c, r).Type == FORMULA or feuille.getCellByPosition(c, r).getError()
]
for dossier, colonnes_saisies in saisies.items():
    for titre, texte in colonnes_saisies.items():
        cellule = feuille.getCellByPosition(titres[titre], rangs[dossier])
        if isinstance(texte, int):
            cellule.Value = texte
        else:
            cellule.String = texte
document.storeToURL(Path(sortie).as_uri(), (propriete("FilterName", "Calc MS Excel 2007 XML"),))
vu = {
    "feuilles": list(document.Sheets.ElementNames),
    "titres": list(titres),
    "dossiers": list(rangs),
    "fautes": fautes,
    "candidats": [feuille.getCellByPosition(1, r).String for r in range(1, lignes)],
}
sys.stdout.write(json.dumps(vu))
document.close(True)
desktop.terminate()
