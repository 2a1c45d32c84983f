"""Notices in French."""

from safelight.model.assessment import Artificialness
from safelight.model.takedown import Scope
from safelight.report.notice.words.words import Words

FRENCH = Words(
    subject="Demande de retrait : {what} [{reference}]",
    greeting="Madame, Monsieur,",
    opening="Un contenu que notre examen a confirmé comme tel est accessible par votre service : {what}.",
    abuse="contenu d'abus sexuels sur enfants",
    exploiting="contenu exploitant des enfants",
    places="Adresse exacte :",
    items="Le fichier, par ses empreintes :",
    copy="Ce qui s'y trouve, une copie modifiée d'un contenu connu, par son empreinte :",
    source="Le contenu connu, par ses empreintes :",
    item="Notre identifiant",
    category="Catégorie",
    klass="classe {klass} de la classification de la Tech Coalition",
    made="Mode de fabrication constaté par notre examen",
    how_made={
        Artificialness.CAMERA_ORIGINAL: "non modifié",
        Artificialness.MINIMALLY_MODIFIED: "légèrement modifié (recadré ou recomprimé, par exemple)",
        Artificialness.PARTIALLY_ALTERED: "altéré",
        Artificialness.FULLY_SYNTHETIC: "entièrement synthétique",
        Artificialness.HYBRID: "en partie synthétique",
    },
    seen="Constaté en ligne pour la dernière fois",
    addresses="Adresses de l'hôte",
    reports="Signalé à un service de signalement sous le numéro",
    earlier="Nous avons prévenu le {scope} le {time} ; le contenu est toujours en ligne.",
    returned="Le contenu avait été retiré au plus tard le {time} ; il est de nouveau en ligne.",
    scopes={
        Scope.SITE: "responsable du site",
        Scope.HOST: "fournisseur d'hébergement",
        Scope.UPSTREAM: "fournisseur de transit",
        Scope.REGISTRAR: "bureau d'enregistrement",
        Scope.HOTLINE: "service de signalement",
    },
    please="Nous vous demandons de bien vouloir",
    remove={
        Scope.SITE: "retirer sans délai ce contenu et toute autre copie portant ces empreintes ;",
        Scope.HOST: "retirer sans délai ce contenu ou en bloquer l'accès, ou le faire faire par votre client ;",
        Scope.UPSTREAM: (
            "faire retirer ou bloquer sans délai ce contenu par votre client, sur le réseau duquel il se trouve ;"
        ),
        Scope.REGISTRAR: (
            "faire retirer sans délai ce contenu par le titulaire du domaine ou, à défaut, suspendre le domaine ;"
        ),
        Scope.HOTLINE: "traiter ce signalement, ceux qui pouvaient agir ne l'ayant pas fait ;",
    },
    preserve=(
        "conserver ce contenu et les données qui s'y rapportent pour les autorités, selon le droit qui vous est "
        "applicable ;"
    ),
    answer="nous indiquer à l'adresse {email} les mesures prises, en rappelant la référence {reference}.",
    due="Merci de répondre avant le {time}.",
    due_by="Merci de répondre avant le {time} ({basis}).",
    nothing_shown=(
        "Ce message ne contient aucune image et aucune ne suivra. Merci de ne transmettre ce contenu à personne "
        "d'autre que les autorités."
    ),
    attached="Les mêmes informations sont jointes sous une forme lisible par machine (X-ARF version 4).",
    dsa="Notification au titre de l'article 16 du règlement (UE) 2022/2065 (règlement sur les services numériques)",
    explanation=(
        "Explication (16, paragraphe 2, point a) : il s'agit d'un contenu illicite de la catégorie indiquée "
        "ci-dessus. Notre examen l'a confirmé ; les empreintes ci-dessus l'identifient."
    ),
    exact="Emplacement (16, paragraphe 2, point b) : l'adresse exacte figure ci-dessus.",
    identity=(
        "Nom et adresse électronique (16, paragraphe 2, point c) : indiqués ci-dessous de notre plein gré ; ils ne "
        "sont pas exigés pour les infractions visées aux articles 3 à 7 de la directive 2011/93/UE."
    ),
    faith=(
        "Déclaration (16, paragraphe 2, point d) : nous pensons, de bonne foi, que les informations et les "
        "allégations de cette notification sont exactes et complètes."
    ),
    receipt=(
        "Merci d'accuser réception (16, paragraphe 4) et de nous communiquer votre décision et les voies de recours "
        "(16, paragraphe 5)."
    ),
    farewell="Veuillez agréer nos salutations distinguées.",
    reference="Référence",
    colon=" : ",
)
