"""The places of work are where doctors are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Manquant
from connector.core.constat import AvisPropose, Statut
from connector.core.correspondance import TypeLogique
from connector.core.model import Lieu
from connector.core.projet import LieuProjet, Projet
from connector.core.referentiels import (
    Appartenance,
    Referentiel,
    StatutQuartier,
    Version,
    Zone,
    ZoneCommune,
)
from connector.core.regles.base import (
    CONTEXTE,
    REPONSES_CREUSES,
    Contexte,
    Exemple,
    Reference,
    Regle,
    Verdict,
    hollow,
    nom_de,
)
from connector.core.situation import Situation, SituationLieu
from connector.core.textes import enumerer, typographier

_TEXTES = frozenset({TypeLogique.TEXTE, TypeLogique.TEXTE_LONG})
_REFUS = ("non", "aucune", "aucun", "pas de déficit")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSousDense(Regle):
    """ZIP or ZAC by the imported order, or a priority neighbourhood by the address (cahier §1, note DGOS §II)."""

    type: ClassVar[str] = "zone_sous_dense"
    manuel: ClassVar[str] = typographier(
        "Chaque lieu d'exercice doit être en zone sous-dense : ZIP ou ZAC d'après l'arrêté importé (ou zone de "
        "vigilance avec « vigilance = true »), ou dans un quartier prioritaire d'après son adresse, qui l'emporte sur "
        "la commune. Non respectée si aucun lieu n'y est. À vérifier si un lieu sur plusieurs n'y est pas, ou si la "
        "commune, son classement ou le quartier ne sont pas connus : inconnu ne veut jamais dire non. Respectée si un "
        "agent a motivé « annotation » (spécialité déficitaire). L'arrêté utilisé est nommé."
    )

    label: ClassVar[str] = "hors_zone"
    repose_sur: ClassVar[frozenset[Referentiel]] = frozenset({Referentiel.ZONAGE, Referentiel.QPV})

    vigilance: bool = False
    annotation: str = "specialite_deficitaire"
    avis: AvisPropose = AvisPropose.DEFAVORABLE

    def references(self) -> tuple[Reference, ...]:
        """The places of work, and the annotation by which the ARS redeems the zone."""
        return (
            Reference(option="type", champ="lieux", types=frozenset({TypeLogique.REPETITION})),
            Reference(option="annotation", champ=self.annotation, types=_TEXTES),
        )

    def referentiels(self, situation: Situation) -> frozenset[Referentiel]:
        """The zoning; and the priority neighbourhoods once one of them alone could redeem a place."""
        rachetable = any(
            lieu.zone is not None and not lieu.zone.zone.sous_dense(vigilance=self.vigilance)
            for lieu in situation.lieux
        )
        return frozenset({Referentiel.ZONAGE} | ({Referentiel.QPV} if rachetable else set()))

    def examine(self, candidature: Candidature, contexte: Contexte) -> Verdict:
        """The places together, unless an agent wrote that the specialty is lacking there."""
        trouve = self._lieux(contexte, candidature)
        if trouve.statut is Statut.OK or not _motive(candidature, self.annotation):
            return trouve
        ou = nom_de(candidature, self.annotation)
        phrase = f"{trouve.phrase} L'ARS retient une spécialité déficitaire, motivée dans {ou}."
        return Verdict(statut=Statut.OK, phrase=phrase, court=f"{self.libelle} (spécialité déficitaire)")

    def _lieux(self, contexte: Contexte, candidature: Candidature) -> Verdict:
        verdicts = [self._lieu(lieu, contexte.situation) for lieu in contexte.projet.lieux]
        if not verdicts:
            nom = nom_de(candidature, "lieux")
            phrase = f"{nom} ne donne aucun lieu dont la zone puisse être recherchée."
            return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Vérifier les lieux d'exercice.")
        return self._ensemble(verdicts, candidature)

    def _ensemble(self, verdicts: Sequence[Verdict], candidature: Candidature) -> Verdict:
        """OK when each place is, KO when none can be; a mix is for an agent to weigh."""
        statuts = {v.statut for v in verdicts}
        statut = statuts.pop() if len(statuts) == 1 else Statut.A_VERIFIER
        remede = {
            Statut.KO: f"Si la spécialité est déficitaire sur ce territoire, un agent peut le dire dans "
            f"{nom_de(candidature, self.annotation)}.",
            Statut.A_VERIFIER: "Vérifier le classement de chaque lieu.",
        }
        return Verdict(
            statut=statut,
            phrase=" ".join(dict.fromkeys(v.phrase for v in verdicts)),
            remede=remede.get(statut, ""),
            court=enumerer(dict.fromkeys(v.court for v in verdicts)),
        )

    def _lieu(self, lieu: LieuProjet, situation: Situation) -> Verdict:
        """One place: its neighbourhood if the address is in one, else its commune."""
        situe = situation.lieu(lieu.rang)
        nom = _commune(lieu, situe)
        dedans = _dans_un_quartier(nom, situe, situation.versions)
        if dedans is not None:
            return dedans
        commune = self._commune(nom, situe)
        if commune.statut is Statut.KO and (doute := _quartier_incertain(situe)):
            phrase = f"{commune.phrase} {doute}"
            return replace(commune, statut=Statut.A_VERIFIER, phrase=phrase, court=f"{commune.court}, QPV")
        return commune

    def _commune(self, nom: _Nom, situe: SituationLieu) -> Verdict:
        if situe.zone is None:
            cause = (
                "aucun zonage importé ne classe cette commune" if nom.connue else "commune non renseignée ou inconnue"
            )
            phrase = f"{nom} : {cause}."
            return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, court=f"{nom.court} zone inconnue")
        zone, arrete = situe.zone.zone, _arrete(situe.zone)
        sous_dense = zone.sous_dense(vigilance=self.vigilance)
        if sous_dense is None:
            phrase = f"{nom} : le classement « {zone} » ne dit pas si la zone est sous-dense ({arrete})."
            return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, court=f"{nom.court} {zone}")
        dit = "en zone sous-dense" if sous_dense else "hors zone sous-dense"
        statut = Statut.OK if sous_dense else Statut.KO
        return Verdict(statut=statut, phrase=f"{nom} : {zone}, {dit} ({arrete}).", court=f"{nom.court} {zone}")

    def exemples(self) -> tuple[Exemple, ...]:
        """A commune in a ZIP, one out of every zone and neighbourhood, and one that nobody classified."""
        return (
            self._cas("commune classée ZIP", Zone.ZIP, Statut.OK),
            self._cas("commune hors zonage, hors quartier prioritaire", Zone.HZ, Statut.KO),
            self._cas("commune absente du zonage", None, Statut.A_VERIFIER),
        )

    def _cas(self, titre: str, zone: Zone | None, statut: Statut) -> Exemple:
        lieu = LieuProjet(rang=1, commune=Lieu(code="18279", name="Vierzon"))
        contexte = replace(CONTEXTE, projet=Projet(dossier=0, lieux=(lieu,)), situation=_situation(zone))
        annotation = ChampLu(cle=self.annotation, libelle="Spécialité déficitaire (motif)", lecture=Manquant())
        return self._exemple(titre, statut, annotation, contexte=contexte)


def _situation(zone: Zone | None) -> Situation:
    dehors = Appartenance(statut=StatutQuartier.HORS)
    return Situation(lieux=(SituationLieu(rang=1, commune="18279", zone=_classe(zone), quartier=dehors),))


def _classe(zone: Zone | None) -> ZoneCommune | None:
    if zone is None:
        return None
    return ZoneCommune(code_insee="18279", zone=zone, tvs="", arrete="arrêté d'exemple", date_effet=date(2024, 1, 1))


def _motive(candidature: Candidature, annotation: str) -> bool:
    """Whether an agent wrote a reason."""
    match candidature.champ(annotation).lecture:
        case Connu(valeur=str(texte)):
            return is_reason(texte)
        case _:
            return False


def is_reason(texte: str) -> bool:
    """Whether a text gives a reason to hold a specialty as lacking: « non » is an answer, not a reason."""
    return not hollow(texte, (*REPONSES_CREUSES, *_REFUS))


@dataclass(frozen=True, slots=True)
class _Nom:
    """A commune: « Vierzon (18279) » in a sentence, « Vierzon » in the synthesis, as far as it is known."""

    nom: str
    code: str
    rang: int

    @property
    def connue(self) -> bool:
        """Whether anything names it."""
        return bool(self.nom or self.code)

    @property
    def court(self) -> str:
        """Its name."""
        return self.nom or self.code or f"lieu n° {self.rang}"

    def __str__(self) -> str:
        if not self.connue:
            return f"Lieu n° {self.rang}"
        return f"{self.nom} ({self.code})" if self.nom and self.code else self.court


def _commune(lieu: LieuProjet, situe: SituationLieu) -> _Nom:
    nom = (lieu.adresse.city_name if lieu.adresse else None) or (lieu.commune.name if lieu.commune else None)
    return _Nom(nom=nom or "", code=situe.commune or lieu.code_commune or "", rang=lieu.rang)


def _arrete(zone: ZoneCommune) -> str:
    return f"{zone.arrete}, effet au {zone.date_effet:%d/%m/%Y}"


def _dans_un_quartier(nom: _Nom, situe: SituationLieu, versions: Sequence[Version]) -> Verdict | None:
    """A priority neighbourhood wins over its commune (note DGOS §II; domaine §0.7)."""
    if situe.quartier is None or situe.quartier.statut is not StatutQuartier.DANS:
        return None
    quartiers = enumerer(q.nom or q.code for q in situe.quartier.quartiers)
    version = next((v for v in versions if v.referentiel is Referentiel.QPV), None)
    source = f" ({version.intitule})" if version else ""
    phrase = f"{nom} : l'adresse est dans un quartier prioritaire, {quartiers}{source}."
    return Verdict(statut=Statut.OK, phrase=phrase, court=f"{nom.court} QPV")


def _quartier_incertain(situe: SituationLieu) -> str:
    """Why the address may yet be in a neighbourhood; "" when it is known to be in none."""
    if situe.quartier is None:
        return "Aucun référentiel ne dit si l'adresse est dans un quartier prioritaire."
    if situe.quartier.statut is not StatutQuartier.INDETERMINE:
        return ""
    codes = enumerer((q.nom or q.code for q in situe.quartier.quartiers), lien="ou")
    return f"L'adresse n'est pas assez précise pour écarter un quartier prioritaire{f' ({codes})' if codes else ''}."
