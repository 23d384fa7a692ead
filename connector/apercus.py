"""One message as it would be read, of a dossier already read here or with made-up values; nothing is sent."""

from __future__ import annotations

from dataclasses import replace

from connector import jugement
from connector.core.textes import suggestion
from connector.errors import OperatorError
from connector.passages import stored_form
from connector.wiring import Atelier


def exemple(atelier: Atelier, modele: str) -> str:
    """The message with made-up values, and the signature and contact of the configuration."""
    from connector.render import exemples  # noqa: PLC0415 - heavy

    _connu(atelier, modele)
    messages = atelier.settings.messages
    return atelier.modeles.render(
        modele, replace(exemples(modele)[0], signature=messages.signature, contact=messages.contact)
    )


def apercu(atelier: Atelier, modele: str, numero: int) -> tuple[str, str]:
    """The very text that dossier would get by that template today, and a sentence when it is not due.

    OperatorError when it was never read here, or when the template has nothing to tell of it.
    """
    _connu(atelier, modele)
    found = atelier.base.dossiers.dossier(numero)
    demarche = atelier.settings.demarche(found[0].dossier.demarche_number) if found else None
    if found is None or demarche is None:
        raise OperatorError(
            f"le dossier n° {numero} n’a pas encore été lu ici.",
            hint="Lancez « connector sync », ou retirez le numéro pour voir le message avec des valeurs d’exemple.",
        )
    dossier, historique = found[0].dossier, found[1]
    passage = atelier.hors_ligne(demarche)
    resolution = stored_form(atelier, passage.consigne)
    message = jugement.judge(passage, resolution, dossier, historique).message
    if message is not None and message.template == modele:
        return message.body, ""
    brouillon = jugement.imagine(passage, resolution, dossier, historique, modele)
    if brouillon is None:
        raise OperatorError(
            f"le modèle « {modele} » n’a rien à dire du dossier n° {numero} aujourd’hui.",
            hint="Sans numéro, « connector preview » le montre avec des valeurs d’exemple.",
        )
    return passage.bord.rediger(brouillon, dossier), "Ce message n’est pas dû aujourd’hui : voici ce qu’il dirait."


def _connu(atelier: Atelier, modele: str) -> None:
    """Refuse a template that no message uses."""
    connus = atelier.modeles.names()
    if modele not in connus:
        raise OperatorError(
            f"aucun modèle « {modele} »{suggestion(modele, connus)}", hint=f"Les modèles : {', '.join(connus)}."
        )
