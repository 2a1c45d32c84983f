"""Notices in Spanish. Terms of art are those of the Spanish text of Regulation (EU) 2022/2065, Article 16."""

from safelight.model.assessment import Artificialness
from safelight.model.takedown import Scope
from safelight.report.notice.words.words import Words

SPANISH = Words(
    subject="Solicitud de retirada: {what} [{reference}]",
    greeting="A quien corresponda:",
    opening=(
        "A través de su servicio se puede acceder a un contenido que, según ha confirmado nuestra revisión, "
        "corresponde a la siguiente categoría: {what}."
    ),
    abuse="material de abuso sexual infantil",
    exploiting="material de explotación de menores",
    places="Dirección exacta:",
    items="Valores hash del archivo:",
    copy="Valor hash del archivo que se encuentra en esa dirección, copia modificada de material conocido:",
    source="Valores hash del material conocido:",
    item="Nuestro identificador",
    category="Categoría",
    klass="clase {klass} de la clasificación sectorial de la Tech Coalition",
    made="Forma de producción, según nuestra revisión",
    how_made={
        Artificialness.CAMERA_ORIGINAL: "sin alterar",
        Artificialness.MINIMALLY_MODIFIED: "ligeramente modificado (por ejemplo, recortado o recomprimido)",
        Artificialness.PARTIALLY_ALTERED: "manipulado",
        Artificialness.FULLY_SYNTHETIC: "totalmente sintético",
        Artificialness.HYBRID: "parcialmente sintético",
    },
    seen="Detectado por última vez en esa dirección",
    addresses="Direcciones IP del servidor",
    reports="Número de denuncia ante una línea especializada",
    earlier="Avisamos al {scope} el {time}; el material sigue siendo accesible.",
    returned="El material se había retirado a más tardar el {time}; vuelve a ser accesible.",
    scopes={
        Scope.SITE: "responsable del sitio",
        Scope.HOST: "proveedor de alojamiento",
        Scope.UPSTREAM: "proveedor de tránsito",
        Scope.REGISTRAR: "registrador",
        Scope.HOTLINE: "servicio de denuncias",
    },
    please="Le rogamos que",
    remove={
        Scope.SITE: "retire sin demora este material y cualquier otra copia con los mismos valores hash;",
        Scope.HOST: "retire sin demora este material o bloquee el acceso a él, o disponga que lo haga su cliente;",
        Scope.UPSTREAM: (
            "disponga que su cliente, en cuya red se encuentra, lo retire o bloquee el acceso a él sin demora;"
        ),
        Scope.REGISTRAR: (
            "disponga que el titular del dominio lo retire sin demora o, en su defecto, suspenda el dominio;"
        ),
        Scope.HOTLINE: "tramite esta denuncia, ya que quienes podían actuar no lo han hecho;",
    },
    take_up="tramite esta denuncia;",
    preserve=(
        "conserve el material y los datos relacionados a disposición de las autoridades, conforme a la legislación "
        "que le sea aplicable;"
    ),
    answer="nos comunique a {email} las medidas adoptadas, indicando la referencia {reference}.",
    due="Le rogamos que responda a más tardar el {time}.",
    due_by="Le rogamos que responda a más tardar el {time} ({basis}).",
    nothing_shown=(
        "Este mensaje no contiene ninguna imagen ni se enviará ninguna. Le rogamos que no remita el material a nadie "
        "salvo a las autoridades."
    ),
    attached="Se adjunta la misma información en formato legible por máquina (X-ARF versión 4).",
    dsa="Notificación conforme al artículo 16 del Reglamento (UE) 2022/2065 (Reglamento de Servicios Digitales)",
    explanation=(
        "Explicación [artículo 16, apartado 2, letra a)]: se trata de un contenido ilícito de la categoría indicada. "
        "Nuestra revisión lo ha confirmado; los valores hash indicados permiten identificarlo."
    ),
    exact="Localización electrónica exacta [artículo 16, apartado 2, letra b)]: la URL figura más arriba.",
    identity=(
        "Nombre y dirección de correo electrónico [artículo 16, apartado 2, letra c)]: se indican más abajo por "
        "voluntad propia; no se exigen cuando se considere que la información implica uno de los delitos contemplados "
        "en los artículos 3 a 7 de la Directiva 2011/93/UE."
    ),
    faith=(
        "Declaración [artículo 16, apartado 2, letra d)]: estamos convencidos de buena fe de que la información y las "
        "alegaciones que contiene esta notificación son precisas y completas."
    ),
    receipt=(
        "Le rogamos que nos envíe un acuse de recibo (artículo 16, apartado 4) y nos notifique su decisión y las vías "
        "de recurso disponibles (artículo 16, apartado 5)."
    ),
    farewell="Atentamente,",
    reference="Referencia",
)
