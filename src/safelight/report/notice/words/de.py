"""Notices in German."""

from safelight.model.assessment import Artificialness
from safelight.model.takedown import Scope
from safelight.report.notice.words.words import Words

GERMAN = Words(
    subject="Bitte um Entfernung: {what} [{reference}]",
    greeting="Sehr geehrte Damen und Herren,",
    opening="über Ihren Dienst ist ein Inhalt erreichbar, den unsere Prüfung wie folgt bestätigt hat: {what}.",
    abuse="Darstellung sexuellen Missbrauchs von Kindern",
    exploiting="Inhalt, der Kinder ausbeutet",
    places="Genaue Adresse:",
    items="Die Datei, nach ihren Prüfsummen:",
    copy="Was dort ist, eine veränderte Kopie bekannten Materials, nach ihrer Prüfsumme:",
    source="Das bekannte Material, nach seinen Prüfsummen:",
    item="Unsere Kennung",
    category="Kategorie",
    klass="Klasse {klass} der Einteilung der Tech Coalition",
    made="Entstehung nach Feststellung unserer Prüfung",
    how_made={
        Artificialness.CAMERA_ORIGINAL: "nicht verändert",
        Artificialness.MINIMALLY_MODIFIED: "geringfügig verändert (etwa zugeschnitten oder neu komprimiert)",
        Artificialness.PARTIALLY_ALTERED: "verändert",
        Artificialness.FULLY_SYNTHETIC: "vollständig künstlich erzeugt",
        Artificialness.HYBRID: "teilweise künstlich erzeugt",
    },
    seen="Dort zuletzt festgestellt",
    addresses="Adressen des Servers",
    reports="Einer Meldestelle gemeldet unter",
    earlier="Bereits am {time} benachrichtigt: {scope}; der Inhalt ist weiterhin erreichbar.",
    returned="Der Inhalt war spätestens am {time} entfernt; er ist wieder erreichbar.",
    scopes={
        Scope.SITE: "Betreiber der Website",
        Scope.HOST: "Hosting-Anbieter",
        Scope.UPSTREAM: "Betreiber des übergeordneten Netzes",
        Scope.REGISTRAR: "Registrar",
        Scope.HOTLINE: "Meldestelle",
    },
    please="Wir bitten Sie,",
    remove={
        Scope.SITE: "den Inhalt und jede weitere Kopie mit diesen Prüfsummen unverzüglich zu entfernen;",
        Scope.HOST: "den Inhalt unverzüglich zu entfernen oder zu sperren oder dies durch Ihren Kunden zu veranlassen;",
        Scope.UPSTREAM: (
            "Ihren Kunden, in dessen Netz er liegt, unverzüglich zur Entfernung oder Sperrung zu veranlassen;"
        ),
        Scope.REGISTRAR: (
            "den Inhaber der Domain unverzüglich zur Entfernung zu veranlassen oder sonst die Domain zu sperren;"
        ),
        Scope.HOTLINE: "diese Meldung aufzugreifen, da die Zuständigen bisher nicht gehandelt haben;",
    },
    preserve=(
        "den Inhalt und die zugehörigen Daten für die Strafverfolgung zu sichern, soweit das für Sie geltende Recht "
        "es vorsieht;"
    ),
    answer="uns unter {email} mitzuteilen, was Sie veranlasst haben, mit Angabe von {reference}.",
    due="Bitte antworten Sie bis {time}.",
    due_by="Bitte antworten Sie bis {time} ({basis}).",
    nothing_shown=(
        "Diese Nachricht enthält kein Bild, und es folgt keines. Bitte geben Sie den Inhalt an niemanden außer den "
        "Behörden weiter."
    ),
    attached="Dieselben Angaben sind maschinenlesbar beigefügt (X-ARF Version 4).",
    dsa="Meldung nach Artikel 16 der Verordnung (EU) 2022/2065 (Gesetz über digitale Dienste)",
    explanation=(
        "Begründung (16 Absatz 2 Buchstabe a): Es handelt sich um einen rechtswidrigen Inhalt der oben genannten "
        "Kategorie. Unsere Prüfung hat dies bestätigt; die Prüfsummen oben bezeichnen ihn."
    ),
    exact="Ort (16 Absatz 2 Buchstabe b): Die genaue Adresse ist oben angegeben.",
    identity=(
        "Name und E-Mail-Adresse (16 Absatz 2 Buchstabe c): unten freiwillig angegeben; bei Straftaten nach den "
        "Artikeln 3 bis 7 der Richtlinie 2011/93/EU sind sie nicht erforderlich."
    ),
    faith=(
        "Erklärung (16 Absatz 2 Buchstabe d): Wir sind in gutem Glauben davon überzeugt, dass die Angaben in dieser "
        "Meldung richtig und vollständig sind."
    ),
    receipt=(
        "Bitte bestätigen Sie den Eingang (16 Absatz 4) und teilen Sie uns Ihre Entscheidung und die Rechtsbehelfe "
        "mit (16 Absatz 5)."
    ),
    farewell="Mit freundlichen Grüßen",
    reference="Aktenzeichen",
)
