"""Notices in French. Terms of art are those of the French text of Regulation (EU) 2022/2065, Article 16."""

from safelight.model.assessment import Artificialness
from safelight.model.takedown import Scope
from safelight.report.notice.words.typography import french
from safelight.report.notice.words.words import Words

_FRENCH = Words(
    subject="Demande de retrait : {what} [{reference}]",
    greeting="Madame, Monsieur,",
    opening=(
        "Un contenu accessible par l'intermédiaire de votre service relève, à l'issue de notre examen, de la "
        "catégorie suivante : {what}."
    ),
    abuse="matériel relatif à des abus sexuels sur enfants",
    exploiting="contenu relevant de l'exploitation d'enfants",
    places="Adresse exacte :",
    items="Empreintes numériques du fichier :",
    copy="Empreinte numérique du fichier qui s'y trouve, copie modifiée d'un contenu connu :",
    source="Empreintes numériques du contenu connu :",
    item="Notre identifiant",
    category="Catégorie",
    klass="classe {klass} de la classification sectorielle de la Tech Coalition",
    made="Mode de production constaté lors de notre examen",
    how_made={
        Artificialness.CAMERA_ORIGINAL: "non modifié",
        Artificialness.MINIMALLY_MODIFIED: "légèrement modifié (recadré ou recomprimé, par exemple)",
        Artificialness.PARTIALLY_ALTERED: "manipulé",
        Artificialness.FULLY_SYNTHETIC: "entièrement synthétique",
        Artificialness.HYBRID: "partiellement synthétique",
    },
    seen="Constaté en ligne pour la dernière fois",
    addresses="Adresses IP de l'hôte",
    reports="Numéro de signalement auprès d'un organisme spécialisé",
    earlier="Nous avons averti le {scope} le {time} ; le contenu est toujours en ligne.",
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
        Scope.SITE: "retirer sans délai ce contenu et toute autre copie présentant ces empreintes ;",
        Scope.HOST: (
            "retirer sans délai ce contenu ou en rendre l'accès impossible, ou y faire procéder par votre client ;"
        ),
        Scope.UPSTREAM: (
            "faire retirer sans délai ce contenu, ou en faire rendre l'accès impossible, par votre client, sur le "
            "réseau duquel il se trouve ;"
        ),
        Scope.REGISTRAR: (
            "faire retirer sans délai ce contenu par le titulaire du domaine ou, à défaut, suspendre le domaine ;"
        ),
        Scope.HOTLINE: "traiter ce signalement, ceux qui étaient en mesure d'agir ne l'ayant pas fait ;",
    },
    take_up="traiter ce signalement ;",
    preserve=(
        "conserver ce contenu et les données qui s'y rapportent à l'intention des autorités répressives, conformément "
        "au droit qui vous est applicable ;"
    ),
    answer="nous indiquer à l'adresse {email} les mesures prises, en rappelant la référence {reference}.",
    due="Merci de répondre au plus tard le {time}.",
    due_by="Merci de répondre au plus tard le {time} ({basis}).",
    nothing_shown=(
        "Ce message ne contient aucune image et aucune ne suivra. Nous vous prions de ne transmettre ce contenu à "
        "personne d'autre qu'aux autorités."
    ),
    attached="Les mêmes informations sont jointes dans un format lisible par machine (X-ARF, version 4).",
    dsa="Notification au titre de l'article 16 du règlement (UE) 2022/2065 (règlement sur les services numériques)",
    explanation=(
        "Explication [article 16, paragraphe 2, point a)] : il s'agit d'un contenu illicite relevant de la catégorie "
        "indiquée ci-dessus. Notre examen l'a confirmé ; les empreintes ci-dessus permettent de l'identifier."
    ),
    exact="Emplacement électronique exact [article 16, paragraphe 2, point b)] : l'URL figure ci-dessus.",
    identity=(
        "Nom et adresse de courrier électronique [article 16, paragraphe 2, point c)] : indiqués ci-dessous de notre "
        "plein gré ; ils ne sont pas exigés lorsque les informations sont considérées comme impliquant une des "
        "infractions visées aux articles 3 à 7 de la directive 2011/93/UE."
    ),
    faith=(
        "Déclaration [article 16, paragraphe 2, point d)] : nous pensons, de bonne foi, que les informations et les "
        "allégations que contient la présente notification sont exactes et complètes."
    ),
    receipt=(
        "Merci de nous envoyer un accusé de réception (article 16, paragraphe 4) et de nous notifier votre décision "
        "ainsi que les possibilités de recours (article 16, paragraphe 5)."
    ),
    farewell="Veuillez agréer, Madame, Monsieur, nos salutations distinguées.",
    reference="Référence",
    colon=" : ",
)

FRENCH = french(_FRENCH)
