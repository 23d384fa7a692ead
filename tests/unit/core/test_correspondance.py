from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.core.correspondance import (
    ANNOTATIONS,
    LISIBLES,
    CibleAnnotation,
    CibleChamp,
    Correspondance,
    Entree,
    EntreeAnnotation,
    EntreeLabel,
    Resolution,
    TypeLogique,
    resolve,
)
from connector.core.model import ChampDescriptor, Demarche, Label, Revision
from connector.core.plan import CleAnnotation

AVIS = ("Favorable", "À compléter", "À vérifier", "Défavorable", "Réorientation", "Liste d’attente")


def descripteur(ident, label, nature="Text", **autres):
    return ChampDescriptor(id=ident, label=label, typename=f"{nature}ChampDescriptor", required=False, **autres)


def revision(ident="r2", champs=(), annotations=(), jour=2):
    publiee = None if jour is None else datetime(2026, 9, jour, tzinfo=UTC)
    return Revision(id=ident, date_publication=publiee, champs=tuple(champs), annotations=tuple(annotations))


def demarche(active, *autres, labels=()):
    return Demarche(
        id="d",
        number=104234,
        title="Candidatures",
        state="publiee",
        active=active,
        revisions=(active, *autres),
        groupes=(),
        labels=tuple(labels),
    )


def entree(cle="specialite", type_=TypeLogique.TEXTE, libelle="Spécialité", **autres):
    return Entree(cle=cle, type=type_, libelle=libelle, **autres)


def champs(*entrees):
    return Correspondance(champs=entrees)


def resolue(correspondance, formulaire):
    trouvee = resolve(correspondance, formulaire)
    assert isinstance(trouvee, Resolution), trouvee
    return trouvee


def refus(correspondance, formulaire):
    problemes = resolve(correspondance, formulaire, chemin="demarches[0].correspondance")
    assert isinstance(problemes, tuple)
    return [(p.path, p.message) for p in problemes]


def test_a_champ_is_found_by_its_label_however_it_is_typed():
    formulaire = demarche(revision(champs=[descripteur("c1", "Lettre d’engagement\u00a0: *")]))
    cible = resolue(champs(entree(libelle="lettre d'engagement")), formulaire).champs[0]
    assert cible.ids == ("c1",)
    assert cible.libelle == "Lettre d’engagement : *"


def test_a_champ_is_found_by_its_id_whatever_its_label():
    formulaire = demarche(revision(champs=[descripteur("c1", "Discipline"), descripteur("c2", "Spécialité")]))
    assert resolue(champs(entree(id="c1")), formulaire).champs[0].ids == ("c1",)


def test_the_label_helps_when_the_id_is_not_in_the_form():
    formulaire = demarche(revision(champs=[descripteur("c2", "Spécialité")]))
    assert resolue(champs(entree(id="disparu")), formulaire).champs[0].ids == ("c2",)


def test_an_unknown_label_is_refused_with_the_nearest_one():
    formulaire = demarche(revision(champs=[descripteur("c1", "Spécialité"), descripteur("c2", "Promotion")]))
    assert refus(champs(entree(libelle="Specialités")), formulaire) == [
        (
            "demarches[0].correspondance.champs.specialite",
            (
                "aucun champ « Specialités » dans le formulaire de la démarche n° 104234 ; "
                "vouliez-vous dire « Spécialité » ?"
            ),
        )
    ]


def test_an_unknown_id_is_refused_without_a_guess():
    formulaire = demarche(revision(champs=[descripteur("c1", "Spécialité")]))
    ((_, message),) = refus(champs(entree(id="c9", libelle=None)), formulaire)
    assert message == "aucun champ d'identifiant « c9 » dans le formulaire de la démarche n° 104234"


def test_a_section_heading_is_not_a_champ():
    formulaire = demarche(revision(champs=[descripteur("c1", "Spécialité", "HeaderSection")]))
    assert refus(champs(entree()), formulaire)


def test_two_champs_of_one_label_are_ambiguous_and_their_ids_are_given():
    formulaire = demarche(revision(champs=[descripteur("c1", "Spécialité"), descripteur("c2", "spécialité ")]))
    ((_, message),) = refus(champs(entree()), formulaire)
    assert message == "plusieurs champs s'appellent « Spécialité » : précisez id = c1 ou c2"


def test_a_champ_of_another_type_is_refused_and_the_right_types_are_named():
    formulaire = demarche(revision(champs=[descripteur("c1", "Spécialité", "PieceJustificative")]))
    ((_, message),) = refus(champs(entree(type_=TypeLogique.DATE)), formulaire)
    assert message == (
        "« Spécialité » est de type « pièce justificative » ; "
        "le type « date » se lit dans : date, date et heure, texte ou texte formaté"
    )


def test_a_type_that_this_version_does_not_know_is_named_as_ds_spells_it():
    formulaire = demarche(revision(champs=[descripteur("c1", "Spécialité", "Hologramme")]))
    ((_, message),) = refus(champs(entree(type_=TypeLogique.CHOIX)), formulaire)
    assert "« Hologramme »" in message


def test_a_type_that_this_version_does_not_know_is_read_as_a_text():
    formulaire = demarche(revision(champs=[descripteur("c1", "Spécialité", "Hologramme")]))
    for type_ in (TypeLogique.TEXTE, TypeLogique.TEXTE_LONG):
        assert resolue(champs(entree(type_=type_)), formulaire).champs[0].ids == ("c1",)


def test_an_optional_champ_may_be_absent():
    cible = resolue(champs(entree(facultatif=True)), demarche(revision())).champs[0]
    assert cible.ids == ()
    assert cible.libelle == "Spécialité"


def test_an_optional_champ_of_the_wrong_type_is_still_refused():
    formulaire = demarche(revision(champs=[descripteur("c1", "Spécialité", "PieceJustificative")]))
    assert refus(champs(entree(facultatif=True)), formulaire)


def test_a_champ_removed_from_the_active_revision_is_found_in_an_older_published_one():
    vieille = revision("r1", champs=[descripteur("c1", "Spécialité")], jour=1)
    assert resolue(champs(entree()), demarche(revision(), vieille)).champs[0].ids == ("c1",)


def test_a_champ_deleted_then_made_again_is_read_under_both_ids_the_active_one_first():
    vieille = revision("r1", champs=[descripteur("c1", "Spécialité")], jour=1)
    active = revision("r2", champs=[descripteur("c2", "Spécialité")])
    assert resolue(champs(entree()), demarche(active, vieille)).champs[0].ids == ("c2", "c1")


def test_an_older_label_does_not_fetch_a_champ_that_was_renamed_since():
    vieille = revision("r1", champs=[descripteur("c1", "Spécialité")], jour=1)
    active = revision("r2", champs=[descripteur("c1", "Discipline"), descripteur("c2", "Spécialité")])
    trouvee = resolue(champs(entree(), entree("discipline", libelle="Discipline")), demarche(active, vieille))
    assert [c.ids for c in trouvee.champs] == [("c2",), ("c1",)]


def test_older_revisions_are_looked_at_newest_first_and_the_draft_never():
    formulaire = demarche(
        revision("r3", jour=3),
        revision("r1", champs=[descripteur("c1", "Spécialité", "PieceJustificative")], jour=1),
        revision("r2", champs=[descripteur("c2", "Spécialité")], jour=2),
        revision("brouillon", champs=[descripteur("c0", "Spécialité"), descripteur("c9", "Budget")], jour=None),
    )
    assert resolue(champs(entree()), formulaire).champs[0].ids == ("c2",)
    assert refus(champs(entree(libelle="Budget")), formulaire)


def test_an_ambiguity_in_an_older_revision_does_not_matter():
    vieille = revision("r1", champs=[descripteur("c8", "Spécialité"), descripteur("c9", "Spécialité")], jour=1)
    active = revision("r2", champs=[descripteur("c1", "Spécialité")])
    assert resolue(champs(entree()), demarche(active, vieille)).champs[0].ids == ("c1",)


def lieux(*internes, **autres):
    return Entree(cle="lieux", type=TypeLogique.REPETITION, libelle="Lieux", champs=internes, **autres)


def test_the_champs_of_a_repetition_are_found_inside_it():
    bloc = descripteur("b", "Lieux", "Repetition", champs=(descripteur("b1", "Commune", "Commune"),))
    formulaire = demarche(revision(champs=[bloc, descripteur("c1", "Commune", "Commune")]))
    trouvee = resolue(champs(lieux(entree("commune", TypeLogique.COMMUNE, "Commune"))), formulaire)
    assert trouvee.champs[0].champs[0].ids == ("b1",)
    assert trouvee.retenue.champs == {"b", "b1"}


def test_a_champ_missing_from_a_repetition_is_refused_with_its_whole_path():
    bloc = descripteur("b", "Lieux", "Repetition", champs=(descripteur("b1", "Commune", "Commune"),))
    (probleme,) = refus(champs(lieux(entree("ville", libelle="Comune"))), demarche(revision(champs=[bloc])))
    assert probleme[0] == "demarches[0].correspondance.champs.lieux.champs.ville"
    assert "« Commune »" in probleme[1]


def test_nothing_is_said_of_what_is_inside_a_missing_repetition():
    assert len(refus(champs(lieux(entree())), demarche(revision()))) == 1
    assert resolue(champs(lieux(entree(), facultatif=True)), demarche(revision())).champs[0].champs == ()


def test_a_piece_is_refused_at_its_path_among_the_pieces():
    (probleme,) = refus(champs(entree("cv", TypeLogique.PIECE, "CV")), demarche(revision()))
    assert probleme[0] == "demarches[0].correspondance.pieces.cv"


def test_a_champ_cannot_stand_behind_two_fields():
    formulaire = demarche(revision(champs=[descripteur("c1", "Spécialité")]))
    ((chemin, message),) = refus(champs(entree(), entree("discipline", id="c1")), formulaire)
    assert chemin == "demarches[0].correspondance.champs.discipline"
    assert message == "« Spécialité » est déjà associé à « champs.specialite »"


def test_an_annotation_cannot_be_both_ours_and_a_humans():
    correspondance = Correspondance(
        annotations=(EntreeAnnotation(cle="zone", libelle="Zone"),), saisies=(entree("zone_saisie", libelle="Zone"),)
    )
    ((chemin, message),) = refus(correspondance, demarche(revision(annotations=[descripteur("a1", "Zone")])))
    assert chemin == "demarches[0].correspondance.annotations.zone"
    assert "saisies.zone_saisie" in message


def test_a_champ_declared_as_an_annotation_is_pointed_out_and_the_other_way_round():
    formulaire = demarche(revision(champs=[descripteur("c1", "Spécialité")], annotations=[descripteur("a1", "Zone")]))
    ((_, saisie),) = refus(Correspondance(saisies=(entree(),)), formulaire)
    ((_, champ),) = refus(champs(entree("zone", libelle="Zone")), formulaire)
    assert saisie.endswith("c'est un champ du formulaire : à déclarer dans « champs » ou « pieces »")
    assert champ.endswith("c'est une annotation privée : à déclarer dans « saisies » ou « annotations »")


def test_nothing_is_suggested_when_nothing_is_near():
    ((_, message),) = refus(Correspondance(saisies=(entree(),)), demarche(revision()))
    assert message == "aucune annotation « Spécialité » dans le formulaire de la démarche n° 104234"


def annotation(nature, cle="synthese", **autres):
    correspondance = Correspondance(annotations=(EntreeAnnotation(cle=cle, libelle="La nôtre", ecraser=True),))
    return correspondance, demarche(revision(annotations=[descripteur("a1", "La nôtre", nature, **autres)]))


def test_an_annotation_is_written_with_the_key_of_its_exact_type():
    trouvee = resolue(*annotation("Textarea"))
    assert trouvee.annotations == {
        "synthese": CibleAnnotation(id="a1", libelle="La nôtre", cle=CleAnnotation.TEXTAREA, ecraser=True)
    }


def test_an_annotation_of_a_type_that_the_api_cannot_write_is_refused():
    ((_, message),) = refus(*annotation("Address"))
    assert message == "« La nôtre » est de type « adresse » ; à écrire dans : texte ou texte long"


def test_an_annotation_of_a_type_that_cannot_hold_our_words_is_refused():
    ((_, message),) = refus(*annotation("DecimalNumber"))
    assert "nombre décimal" in message


def test_an_annotation_that_we_do_not_know_can_be_of_any_type_that_the_api_writes():
    assert resolue(*annotation("Checkbox", cle="nouvelle")).annotations["nouvelle"].cle is CleAnnotation.CHECKBOX
    assert refus(*annotation("Siret", cle="nouvelle"))


def test_a_list_keeps_its_options_as_the_form_spells_them():
    trouvee = resolue(*annotation("DropDownList", cle="avis_propose", options=AVIS))
    assert trouvee.annotations["avis_propose"].options == AVIS


def test_a_list_without_one_of_our_options_is_refused():
    ((_, message),) = refus(*annotation("DropDownList", cle="avis_propose", options=AVIS[:-2]))
    assert message == "la liste « La nôtre » n'a pas d'option « Réorientation » et « Liste d'attente »"


def test_a_list_open_to_other_answers_needs_none_of_our_options():
    assert resolue(*annotation("DropDownList", cle="avis_propose", other_option=True)).annotations


def test_an_optional_annotation_may_be_absent():
    correspondance = Correspondance(annotations=(EntreeAnnotation(cle="quota", libelle="Quota", facultatif=True),))
    assert resolue(correspondance, demarche(revision())).annotations == {}


def test_a_label_is_found_by_its_name():
    label = Label(id="l1", name="Liste d’attente")
    correspondance = Correspondance(labels=(EntreeLabel(cle="liste_attente", libelle="Liste d'attente"),))
    assert resolue(correspondance, demarche(revision(), labels=[label])).labels == {"liste_attente": label}


def test_an_unknown_label_of_the_demarche_is_refused_unless_optional():
    label = Label(id="l1", name="Suivi manuel")
    entree_label = EntreeLabel(cle="suivi_manuel", libelle="Suivi manuelle")
    formulaire = demarche(revision(), labels=[label])
    ((chemin, message),) = refus(Correspondance(labels=(entree_label,)), formulaire)
    assert chemin == "demarches[0].correspondance.labels.suivi_manuel"
    assert "vouliez-vous dire « Suivi manuel »" in message
    facultatif = Correspondance(labels=(replace(entree_label, facultatif=True),))
    assert resolue(facultatif, formulaire).labels == {}


def test_all_the_problems_are_told_at_once():
    correspondance = Correspondance(
        champs=(entree(), entree("cv", TypeLogique.PIECE, "CV")),
        annotations=(EntreeAnnotation(cle="zone", libelle="Zone"),),
        saisies=(entree("note", libelle="Note"),),
        labels=(EntreeLabel(cle="complet", libelle="Complet"),),
    )
    assert len(refus(correspondance, demarche(revision()))) == 5


def complete():
    return demarche(
        revision(
            champs=[descripteur("c1", "Spécialité")],
            annotations=[descripteur("a1", "Zone"), descripteur("a2", "Note du projet", "IntegerNumber")],
        )
    )


def test_only_what_is_mapped_is_kept_and_ours_is_told_from_a_humans():
    correspondance = Correspondance(
        champs=(entree(),),
        annotations=(EntreeAnnotation(cle="zone", libelle="Zone"),),
        saisies=(entree("note", TypeLogique.ENTIER, "Note du projet"),),
    )
    retenue = resolue(correspondance, complete()).retenue
    assert retenue.champs == {"c1"}
    assert retenue.annotations == {"a1", "a2"}
    assert retenue.siennes == {"a1"}


def test_the_digest_of_what_is_read_changes_with_the_champs_and_not_with_their_names():
    note = entree("note", TypeLogique.ENTIER, "Note du projet")
    empreinte = resolue(champs(entree()), complete()).empreinte
    assert resolue(champs(entree(cle="autre_nom")), complete()).empreinte == empreinte
    assert resolue(Correspondance(champs=(entree(),), saisies=(note,)), complete()).empreinte != empreinte


def test_the_names_that_rules_may_use_are_those_of_the_fields_and_of_their_rows():
    correspondance = Correspondance(
        champs=(lieux(entree("commune", TypeLogique.COMMUNE, "Commune")),), saisies=(entree("note"),)
    )
    assert correspondance.references() == {
        "lieux": TypeLogique.REPETITION,
        "note": TypeLogique.TEXTE,
        "lieux.commune": TypeLogique.COMMUNE,
    }


@pytest.mark.parametrize("type_", list(TypeLogique))
def test_every_logical_type_can_be_read_from_something(type_):
    assert LISIBLES[type_]


def test_every_annotation_of_ours_can_at_least_be_a_text():
    assert all(CleAnnotation.TEXT in cles for cles in ANNOTATIONS.values())


@pytest.mark.parametrize("type_", list(TypeLogique))
def test_a_refused_type_is_always_told_in_the_words_of_a_form(type_):
    nature = "Repetition" if type_ is not TypeLogique.REPETITION else "Text"
    formulaire = demarche(revision(champs=[descripteur("c1", "Spécialité", nature)]))
    ((_, message),) = refus(champs(entree(type_=type_)), formulaire)
    assert f"le type « {type_} » se lit dans : " in message


def test_who_people_are_is_told_by_the_keys_and_by_the_type_of_an_address():
    def cible(cle, type_=TypeLogique.TEXTE, champs=()):
        return CibleChamp(cle=cle, type=type_, libelle=cle, ids=(f"id-{cle}",), champs=champs)

    resolution = Resolution(
        champs=(
            cible("nom"),
            cible("rpps"),
            cible("specialite"),
            cible("contact_recruteur", TypeLogique.COURRIEL),
            cible("lieux", TypeLogique.REPETITION, (cible("commune"),)),
            cible("encadrants", TypeLogique.REPETITION, (cible("qui", TypeLogique.COURRIEL),)),
            cible("equipe", TypeLogique.REPETITION, (cible("fonction"), cible("telephone"))),
        )
    )
    assert resolution.identite == {
        *("id-nom", "id-rpps", "id-contact_recruteur", "id-encadrants", "id-qui"),
        *("id-equipe", "id-fonction", "id-telephone"),
    }
