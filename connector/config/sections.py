"""The sections of the file that stand alone: server, database, daemon, messages, what may be sent."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from connector.config.mots import (
    CHEMIN_API,
    Attente,
    Booleen,
    Chemin,
    Compte,
    Courriel,
    Duree,
    Fichier,
    Jour,
    Repertoire,
    Texte,
    Url,
    choix,
    refuse,
)
from connector.core.calendrier import Territoire
from connector.core.conservation import Conservation as Conserve
from connector.core.politique import Mode, Politique, Relances
from connector.errors import ConfigError, Problem


class Section(BaseModel):
    """A table of the file: frozen, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


_SECRET_MAX = 4096


_DE_VARIABLE = re.compile(r"[A-Za-z_]\w{0,41}", re.ASCII)
_DE_CREDENTIAL = re.compile(r"\w[\w.-]{0,41}", re.ASCII)
_EN_PERSONNE = "ceci ressemble au secret lui-même : rangez-le ailleurs, et donnez ici le nom de l'endroit"


def _nom(forme: re.Pattern[str]) -> AfterValidator:
    """Names that may be told: somebody may well put the secret itself in their place."""

    def verifie(texte: str) -> str:
        if not forme.fullmatch(texte):
            raise refuse(_EN_PERSONNE)
        return texte

    return AfterValidator(verifie)


def _endroit(chemin: Path) -> Path:
    """A path that may be told, for the same reason."""
    if re.fullmatch(r"[\w-]{43,}={0,2}", chemin.name, re.ASCII):
        raise refuse(_EN_PERSONNE)
    return chemin


class Secret(Section):
    """Where a secret is kept: an environment variable, a file of mode 0600, or a systemd credential."""

    variable: Annotated[Texte, _nom(_DE_VARIABLE)] | None = None
    fichier: Annotated[Chemin, AfterValidator(_endroit)] | None = None
    credential: Annotated[Texte, _nom(_DE_CREDENTIAL)] | None = None

    _cle: ClassVar[str] = "secret"
    _quoi: ClassVar[str] = "Ce secret ne peut pas être lu :"

    def texte(self, environ: Mapping[str, str]) -> str:
        """The secret, read now. ConfigError when it is not there, or when others may read its file; never shows it."""
        if self.variable is not None:
            return self._non_vide(environ.get(self.variable, ""), f"la variable {self.variable} est vide ou absente")
        if self.fichier is not None:
            return self._non_vide(self._contenu(self.fichier, prive=True), f"le fichier {self.fichier} est vide")
        dossier = environ.get("CREDENTIALS_DIRECTORY")
        if not dossier:
            raise self.refus("systemd n'a transmis aucun secret (CREDENTIALS_DIRECTORY est absente)")
        return self._non_vide(
            self._contenu(Path(dossier) / str(self.credential), prive=False), "le secret transmis est vide"
        )

    def refus(self, message: str) -> ConfigError:
        """The error that says what is wrong with this secret."""
        return ConfigError((Problem(self._cle, message),), source=self._cle.rpartition(".")[2], quoi=self._quoi)

    def _non_vide(self, texte: str, si_vide: str) -> str:
        if not texte.strip():
            raise self.refus(si_vide)
        return texte.strip()

    def _contenu(self, fichier: Path, *, prive: bool) -> str:
        """The file's text; refused when it should be `prive` and is not."""
        try:
            with fichier.open("rb") as ouvert:
                partage = stat.S_IMODE(os.fstat(ouvert.fileno()).st_mode) & 0o077
                contenu = ouvert.read(_SECRET_MAX)
        except (OSError, ValueError) as error:  # ValueError: a NUL inside the path
            code = getattr(error, "errno", None) or errno.EINVAL
            raise self.refus(f"{fichier} : {_CAUSES.get(code, f'lecture impossible ({os.strerror(code)})')}") from None
        if prive and partage:
            raise self.refus(f"d'autres comptes peuvent lire ce fichier : chmod 600 {fichier}")
        return contenu.decode("utf-8", "replace")


_CAUSES = {
    errno.ENOENT: "ce fichier n'existe pas",
    errno.EACCES: "le compte du connecteur n'a pas le droit de le lire",
    errno.EISDIR: "c'est un dossier",
}


class Jeton(Secret):
    """Where the token is kept."""

    _cle: ClassVar[str] = "instance.jeton"
    _quoi: ClassVar[str] = "Le jeton ne peut pas être lu :"

    def lire(self, environ: Mapping[str, str]) -> str:
        """The token, read now; refused when it cannot be one (a header of a request takes no blank)."""
        jeton = self.texte(environ)
        if not (jeton.isascii() and jeton.isprintable()) or " " in jeton:
            raise self.refus("ce qui a été lu n'a pas la forme d'un jeton (blanc ou caractère interdit)")
        return jeton


def jamais_en_clair(nom: str) -> BeforeValidator:
    """Refuses a secret written in the file itself."""

    def refuse_le_texte(valeur: object) -> object:
        if isinstance(valeur, str | list):
            raise refuse(
                f"{nom} dans ce fichier ; dites où : "
                '{ variable = "…" }, { fichier = "…" } ou { credential = "…" }'
            )
        return valeur

    return BeforeValidator(refuse_le_texte)


_Rangement = TypeVar("_Rangement", bound=Secret)


def _un_seul_endroit(secret: _Rangement) -> _Rangement:
    if sum(x is not None for x in (secret.variable, secret.fichier, secret.credential)) != 1:
        raise refuse("donnez un seul endroit : variable, fichier ou credential")
    return secret


UN_SEUL_ENDROIT = AfterValidator(_un_seul_endroit)
"""Refuses a secret kept nowhere, or in two places."""


class Delais(Section):
    """How long a request may take, in seconds; how many leave in a minute (DS refuses the 401st, contract §1.4)."""

    connexion_s: Duree = 10
    reponse_s: Duree = 60
    requetes_par_minute: Duree = 380


URL_DS = f"https://demarche.numerique.gouv.fr{CHEMIN_API}"


class Instance(Section):
    """The server: `url` is its whole API address, `ca` a PEM file of authorities to trust instead of the system's."""

    url: Url = URL_DS
    jeton: Annotated[Jeton, jamais_en_clair("le jeton ne s'écrit pas"), UN_SEUL_ENDROIT] = Jeton(variable="DS_JETON")
    jeton_expire_le: Jour | None = None
    ca: Fichier | None = None
    delais: Delais = Delais()

    @property
    def site(self) -> str:
        """The address of its pages, without a final slash."""
        return self.url.removesuffix(CHEMIN_API)


class Base(Section):
    """The database's file, and the folder of its copies."""

    chemin: Chemin = Field("connector.sqlite", validate_default=True)
    copies: Chemin | None = None

    @property
    def dossier_des_copies(self) -> Path:
        """Where « backup » puts them, and where they are looked for whatever the database remembers."""
        return self.copies or self.chemin.with_name("copies")


class Daemon(Section):
    """How often the daemon makes a pass."""

    periode_minutes: Attente = Decimal(10)


class AdressesDAlerte(Secret):
    """Where the addresses of alerts are kept: they hold passwords."""

    _cle: ClassVar[str] = "alertes.adresses"
    _quoi: ClassVar[str] = "Les adresses des alertes ne peuvent pas être lues :"

    def lire(self, environ: Mapping[str, str]) -> tuple[str, ...]:
        """The addresses, one a line; blank lines and those that begin with « # » aside."""
        lignes = (ligne.strip() for ligne in self.texte(environ).splitlines())
        return tuple(ligne for ligne in lignes if ligne and not ligne.startswith("#"))


class Alertes(Section):
    """Who is told when something only a human can put right happens, and after how long without DS."""

    adresses: (
        Annotated[
            AdressesDAlerte,
            jamais_en_clair("ces adresses contiennent des mots de passe : elles ne s'écrivent pas"),
            UN_SEUL_ENDROIT,
        ]
        | None
    ) = None
    patience_minutes: Attente = Decimal(30)


class Messages(Section):
    """What messages say besides the facts, and which ones there are; `modeles` is a folder that comes before ours."""

    signature: Texte = "L’agence régionale de santé"
    contact: str = ""
    delai_jours: Duree = 15
    accuse: Booleen = False
    complet: Booleen = True
    reorientation: Booleen = False
    modeles: Repertoire | None = None


class Rappels(Section):
    """When a request left without an answer is recalled, in working days; `relances` is the same for the core."""

    actives: Booleen = False
    premiere_jours: Duree = 10
    seconde_jours: Duree = 10
    sans_suite_jours: Duree = 10
    apres_message_agent_jours: Duree = 5
    apres_annonce_jours: Duree = 10
    territoire: Annotated[Territoire, choix(Territoire)] = Territoire.METROPOLE
    fermetures: tuple[Jour, ...] = ()

    @property
    def relances(self) -> Relances:
        """What it allows."""
        return Relances(
            actives=self.actives,
            premiere=self.premiere_jours,
            seconde=self.seconde_jours,
            sans_suite=self.sans_suite_jours,
            apres_agent=self.apres_message_agent_jours,
            apres_annonce=self.apres_annonce_jours,
            territoire=self.territoire,
            fermetures=frozenset(self.fermetures),
        )


class Conservation(Section):
    """How long what is stored may stay, in days (posts: in months after their end)."""

    termines_jours: Duree = 365
    absents_jours: Duree = 30
    journal_jours: Duree = 365
    postes_mois: Duree = 24
    copies_jours: Duree = 30

    @property
    def delais(self) -> Conserve:
        """The same as the core knows it."""
        return Conserve(
            termines=self.termines_jours,
            absents=self.absents_jours,
            journal=self.journal_jours,
            postes_mois=self.postes_mois,
            copies=self.copies_jours,
        )

    def problemes(self) -> tuple[tuple[str, str], ...]:
        """What contradicts itself: (key, French sentence)."""
        court = min(self.termines_jours, self.absents_jours)
        if self.copies_jours <= court:
            return ()
        phrase = f"une copie garderait ce qui est effacé ici : {court} au plus, comme le plus court des deux délais"
        return (("copies_jours", f"{phrase} (termines_jours, absents_jours)"),)


class Plafonds(Section):
    """The brakes: how much may go out."""

    messages_par_cycle: Compte = 20
    transitions_par_cycle: Compte = 20
    par_dossier_par_jour: Compte = 3
    annotations_par_dossier_par_jour: Compte = 20


class Envoi(Section):
    """What may be written to DS; `politique` is the same as the core knows it."""

    mode: Annotated[Mode, choix(Mode)] = Mode.OBSERVER
    corrections: Booleen = False
    passage_en_instruction: Booleen = False
    evenements: Booleen = False
    labels: Booleen = True
    notifier: Booleen = True
    mise_en_service: Jour | None = None
    instructeur: Courriel | None = None
    delai_reponse_perdue_s: Attente = Decimal(30)
    plafonds: Plafonds = Plafonds()

    @property
    def politique(self) -> Politique:
        """What it allows."""
        return Politique(
            mode=self.mode,
            corrections=self.corrections,
            passage_en_instruction=self.passage_en_instruction,
            evenements=self.evenements,
            labels=self.labels,
            mise_en_service=self.mise_en_service,
            instructeur=self.instructeur or "",
            notifier=self.notifier,
            messages_par_cycle=self.plafonds.messages_par_cycle,
            transitions_par_cycle=self.plafonds.transitions_par_cycle,
            par_dossier_par_jour=self.plafonds.par_dossier_par_jour,
            annotations_par_dossier_par_jour=self.plafonds.annotations_par_dossier_par_jour,
            delai_reponse_perdue=timedelta(seconds=float(self.delai_reponse_perdue_s)),
        )

    def manques(self) -> tuple[tuple[str, str], ...]:
        """What its mode needs and it has not: (key, French sentence)."""
        manques = []
        if self.mode is not Mode.OBSERVER and self.instructeur is None:
            phrase = f"obligatoire en mode « {self.mode} » : le courriel de l'instructeur au nom de qui écrire"
            manques.append(("instructeur", phrase))
        if self.mode is Mode.AGIR and self.mise_en_service is None:
            phrase = "obligatoire en mode « agir » : les dossiers déposés avant ce jour ne reçoivent aucun envoi"
            manques.append(("mise_en_service", phrase))
        return tuple(manques)

    def remarques(self) -> tuple[tuple[str, str], ...]:
        """What is allowed and may not be what was meant: (key, French sentence)."""
        muet = self.mode is Mode.AGIR and not (self.corrections or self.passage_en_instruction or self.evenements)
        phrase = (
            "en mode « agir », rien de plus que « annoter » ne part : mettez corrections = true, "
            "passage_en_instruction = true ou evenements = true, ou revenez au mode « annoter »"
        )
        return (("mode", phrase),) if muet else ()
