"""Shared time is shared between two places that are not one and the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Lecture, Manquant, en_mots
from connector.core.cles import compact, finess_valide
from connector.core.constat import Effet, Statut
from connector.core.correspondance import TypeLogique
from connector.core.model import Adresse
from connector.core.projet import LieuProjet, Projet
from connector.core.regles.base import CONTEXTE, Contexte, Exemple, Reference, Regle, Verdict
from connector.core.textes import abreger, normaliser, typographier

_TEXTES = frozenset({TypeLogique.TEXTE, TypeLogique.ENTIER})


@dataclass(frozen=True, slots=True, kw_only=True)
class EtablissementsDistincts(Regle):
    """The recruiting establishment and each place of work, by FINESS number or by address."""

    type: ClassVar[str] = "etablissements_distincts"
    manuel: ClassVar[str] = typographier(
        "Chaque lieu d'exercice doit être un autre établissement que le recruteur : autre adresse, autre numéro "
        "FINESS (« finess » pour le recruteur ; « finess_lieux » pour les lieux, si le formulaire le demande). Non "
        "respectée si un lieu est le recruteur. À vérifier si un numéro FINESS a une clé fausse, ou si un lieu n'a ni "
        "adresse ni numéro. Sans objet sans lieu."
    )

    finess: str = "finess"
    finess_lieux: str = ""
    effet: Effet = Effet.A_VERIFIER

    def references(self) -> tuple[Reference, ...]:
        """The numbers, and the places themselves."""
        options = (("finess", self.finess), ("finess_lieux", self.finess_lieux))
        numeros = (Reference(option=option, champ=cle, types=_TEXTES) for option, cle in options if cle)
        lieux = Reference(option="type", champ="lieux", types=frozenset({TypeLogique.REPETITION}))
        return (*numeros, Reference(option="type", champ="adresse"), lieux)

    def examine(self, candidature: Candidature, contexte: Contexte) -> Verdict:
        """The gravest of what is found, everything told."""
        projet = contexte.projet
        if not projet.lieux:
            return Verdict(statut=Statut.SANS_OBJET, phrase="Sans objet : aucun lieu d'exercice n'est déclaré.")
        ecarts = [*self._numeros(candidature), *_adresses(projet, avec_numero=bool(self.finess_lieux))]
        if not ecarts:
            return Verdict(statut=Statut.OK, phrase="Les lieux d'exercice sont distincts de l'établissement recruteur.")
        grave = next((e for e in ecarts if e.statut is Statut.KO), ecarts[0])
        return replace(grave, phrase=" ".join(dict.fromkeys(e.phrase for e in ecarts)))

    def _numeros(self, candidature: Candidature) -> Iterator[Verdict]:
        siens = _lus(candidature, self.finess)
        autres = _lus(candidature, self.finess_lieux)
        for nom, numero in (*siens, *autres):
            if not finess_valide(numero):
                phrase = f"{nom} : « {abreger(numero)} » n'est pas un numéro FINESS valide (clé fausse)."
                yield Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Merci de vérifier ce numéro.")
        communs = {compact(n) for _, n in siens} & {compact(n) for _, n in autres}
        if communs:
            yield _meme("Un lieu d'exercice a le numéro FINESS de l'établissement recruteur.")

    def exemples(self) -> tuple[Exemple, ...]:
        """Another address, the same one, and a number with a wrong key."""
        ici, ailleurs = "3 boulevard des Platanes 37000 Tours", "12 rue des Tanneurs 18100 Vierzon"
        return (
            self._cas("lieu à une autre adresse", ailleurs, Connu("370007809"), Statut.OK),
            self._cas("lieu à l'adresse du recruteur", ici, Manquant(), Statut.KO),
            self._cas("numéro FINESS à la clé fausse", ailleurs, Connu("370007800"), Statut.A_VERIFIER),
        )

    def _cas(self, titre: str, adresse: str, finess: Lecture, statut: Statut) -> Exemple:
        lieu = LieuProjet(rang=1, nom="Maison de santé", adresse=Adresse(label=adresse))
        recruteur = Adresse(label="3 boulevard des Platanes 37000 Tours")
        contexte = replace(CONTEXTE, projet=Projet(dossier=0, adresse=recruteur, lieux=(lieu,)))
        return self._exemple(
            titre, statut, ChampLu(cle=self.finess, libelle="N° FINESS", lecture=finess), contexte=contexte
        )


def _meme(phrase: str) -> Verdict:
    remede = "Merci de vérifier les lieux d'exercice : ils sont attendus hors du site principal."
    return Verdict(statut=Statut.KO, phrase=phrase, remede=remede)


def _lus(candidature: Candidature, reference: str) -> list[tuple[str, str]]:
    """The numbers given, each with the name of its field; none for a reference that is not used."""
    places = candidature.places(reference) if reference else ()
    lus = ((f"« {p.champ.libelle} »", p.champ.lecture) for p in places)
    return [(nom, en_mots(lecture.valeur)) for nom, lecture in lus if isinstance(lecture, Connu)]


def _adresses(projet: Projet, *, avec_numero: bool) -> Iterator[Verdict]:
    principale = normaliser(projet.adresse.label) if projet.adresse else ""
    for lieu in projet.lieux:
        sienne = normaliser(lieu.adresse.label) if lieu.adresse else ""
        if sienne and sienne == principale:
            yield _meme(f"{_nom(lieu)} est à l'adresse de l'établissement recruteur.")
        elif not sienne and not avec_numero:
            phrase = f"{_nom(lieu)} n'a pas d'adresse : rien ne dit qu'il est distinct du site principal."
            yield Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Merci d'indiquer son adresse.")


def _nom(lieu: LieuProjet) -> str:
    return f"Le lieu d'exercice n° {lieu.rang}"
