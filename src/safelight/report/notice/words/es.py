"""Notices in Spanish."""

from safelight.model.assessment import Artificialness
from safelight.model.takedown import Scope
from safelight.report.notice.words.words import Words

SPANISH = Words(
    subject="Solicitud de retirada: {what} [{reference}]",
    greeting="A quien corresponda:",
    opening=(
        "A través de su servicio se puede acceder a un contenido que nuestra revisión ha confirmado como tal: {what}."
    ),
    abuse="material de abuso sexual infantil",
    exploiting="material que explota a menores",
    places="Dirección exacta:",
    items="El archivo, por sus resúmenes criptográficos:",
    copy="Lo que se encuentra allí, una copia modificada de material conocido, por su resumen criptográfico:",
    source="El material conocido, por sus resúmenes criptográficos:",
    item="Nuestro identificador",
    category="Categoría",
    klass="clase {klass} de la clasificación de la Tech Coalition",
    made="Cómo se hizo, según nuestra revisión",
    how_made={
        Artificialness.CAMERA_ORIGINAL: "sin alterar",
        Artificialness.MINIMALLY_MODIFIED: "ligeramente modificado (por ejemplo, recortado o recomprimido)",
        Artificialness.PARTIALLY_ALTERED: "alterado",
        Artificialness.FULLY_SYNTHETIC: "totalmente sintético",
        Artificialness.HYBRID: "parcialmente sintético",
    },
    seen="Visto allí por última vez",
    addresses="Direcciones del servidor",
    reports="Comunicado a una línea de denuncia con el número",
    earlier="Avisamos al {scope} el {time}; el material sigue ahí.",
    returned="El material se había retirado a más tardar el {time}; vuelve a estar ahí.",
    scopes={
        Scope.SITE: "responsable del sitio",
        Scope.HOST: "proveedor de alojamiento",
        Scope.UPSTREAM: "proveedor de la red superior",
        Scope.REGISTRAR: "registrador",
        Scope.HOTLINE: "servicio de denuncia",
    },
    please="Le rogamos que",
    remove={
        Scope.SITE: "retire sin demora este material y toda otra copia con estos resúmenes;",
        Scope.HOST: "retire sin demora este material o impida el acceso a él, o haga que lo haga su cliente;",
        Scope.UPSTREAM: "haga que su cliente, en cuya red se encuentra, lo retire o impida el acceso a él sin demora;",
        Scope.REGISTRAR: "haga que el titular del dominio lo retire sin demora o, en su defecto, suspenda el dominio;",
        Scope.HOTLINE: "tramite esta denuncia, ya que quienes podían actuar no lo han hecho;",
    },
    preserve=(
        "conserve el material y los registros relacionados para las autoridades, según la ley que le sea aplicable;"
    ),
    answer="nos comunique en {email} lo que ha hecho, indicando la referencia {reference}.",
    due="Le rogamos que responda antes del {time}.",
    due_by="Le rogamos que responda antes del {time} ({basis}).",
    nothing_shown=(
        "Este mensaje no contiene ninguna imagen ni se enviará ninguna. Le rogamos que no envíe el material a nadie "
        "más que a las autoridades."
    ),
    attached="Se adjunta la misma información en formato legible por máquina (X-ARF versión 4).",
    dsa="Notificación conforme al artículo 16 del Reglamento (UE) 2022/2065 (Reglamento de Servicios Digitales)",
    explanation=(
        "Explicación (16, apartado 2, letra a): se trata de un contenido ilícito de la categoría indicada. Nuestra "
        "revisión lo ha confirmado; los resúmenes anteriores lo identifican."
    ),
    exact="Ubicación (16, apartado 2, letra b): la dirección exacta figura más arriba.",
    identity=(
        "Nombre y correo electrónico (16, apartado 2, letra c): se indican más abajo por voluntad propia; no se "
        "exigen para los delitos de los artículos 3 a 7 de la Directiva 2011/93/UE."
    ),
    faith=(
        "Declaración (16, apartado 2, letra d): creemos de buena fe que la información y las alegaciones de esta "
        "notificación son precisas y completas."
    ),
    receipt=(
        "Le rogamos que acuse recibo (16, apartado 4) y nos comunique su decisión y las vías de recurso (16, "
        "apartado 5)."
    ),
    farewell="Atentamente",
    reference="Referencia",
)
