"""Notices in German. Terms of art are those of the German text of Regulation (EU) 2022/2065, Article 16."""

from safelight.model.assessment import Artificialness
from safelight.model.takedown import Scope
from safelight.report.notice.words.words import Words

GERMAN = Words(
    subject="Bitte um Entfernung: {what} [{reference}]",
    greeting="Sehr geehrte Damen und Herren,",
    opening=(
        "über Ihren Dienst ist ein Inhalt abrufbar, der nach dem Ergebnis unserer Prüfung wie folgt einzuordnen "
        "ist: {what}."
    ),
    abuse="Darstellungen des sexuellen Missbrauchs von Kindern",
    exploiting="Inhalte, die Kinder ausbeuten",
    places="Genaue Adresse:",
    items="Hashwerte der Datei:",
    copy="Hashwert der dort abrufbaren Datei, einer veränderten Kopie bekannten Materials:",
    source="Hashwerte des bekannten Materials:",
    item="Unsere Kennung",
    category="Kategorie",
    klass="Klasse {klass} der Branchenklassifikation der Tech Coalition",
    made="Art der Entstehung nach unserer Prüfung",
    how_made={
        Artificialness.CAMERA_ORIGINAL: "nicht verändert",
        Artificialness.MINIMALLY_MODIFIED: "geringfügig verändert (etwa zugeschnitten oder neu komprimiert)",
        Artificialness.PARTIALLY_ALTERED: "verändert",
        Artificialness.FULLY_SYNTHETIC: "vollständig künstlich erzeugt",
        Artificialness.HYBRID: "teilweise künstlich erzeugt",
    },
    seen="Dort zuletzt festgestellt am",
    addresses="IP-Adressen des Servers",
    reports="Einer Meldestelle gemeldet unter der Nummer",
    earlier="Bereits am {time} benachrichtigt: {scope}; der Inhalt ist weiterhin abrufbar.",
    returned="Der Inhalt war spätestens am {time} entfernt worden; er ist erneut abrufbar.",
    scopes={
        Scope.SITE: "Betreiber der Website",
        Scope.HOST: "Hosting-Anbieter",
        Scope.UPSTREAM: "Betreiber des übergeordneten Netzes",
        Scope.REGISTRAR: "Registrar",
        Scope.HOTLINE: "Meldestelle",
    },
    please="Wir bitten Sie,",
    remove={
        Scope.SITE: "den Inhalt und jede weitere Kopie mit diesen Hashwerten unverzüglich zu entfernen;",
        Scope.HOST: (
            "den Inhalt unverzüglich zu entfernen oder den Zugang zu sperren oder Ihren Kunden dazu zu veranlassen;"
        ),
        Scope.UPSTREAM: (
            "Ihren Kunden, in dessen Netz der Inhalt liegt, unverzüglich zur Entfernung oder Sperrung zu veranlassen;"
        ),
        Scope.REGISTRAR: (
            "den Domaininhaber unverzüglich zur Entfernung zu veranlassen oder andernfalls die Domain zu sperren;"
        ),
        Scope.HOTLINE: "dieser Meldung nachzugehen, da diejenigen, die handeln konnten, dies nicht getan haben;",
    },
    take_up="dieser Meldung nachzugehen;",
    preserve=(
        "den Inhalt und die zugehörigen Daten für die Strafverfolgungsbehörden zu sichern, soweit das für Sie geltende "
        "Recht dies vorsieht;"
    ),
    answer="uns unter {email} mitzuteilen, was Sie veranlasst haben, unter Angabe des Aktenzeichens {reference}.",
    due="Bitte antworten Sie bis {time}.",
    due_by="Bitte antworten Sie bis {time} ({basis}).",
    nothing_shown=(
        "Diese Nachricht enthält keine Bilder, und es werden keine folgen. Bitte geben Sie den Inhalt an niemanden "
        "außer an die Behörden weiter."
    ),
    attached="Dieselben Angaben sind in maschinenlesbarer Form beigefügt (X-ARF, Version 4).",
    dsa="Meldung nach Artikel 16 der Verordnung (EU) 2022/2065 (Gesetz über digitale Dienste)",
    explanation=(
        "Erläuterung (Artikel 16 Absatz 2 Buchstabe a): Es handelt sich um einen rechtswidrigen Inhalt der oben "
        "genannten Kategorie. Unsere Prüfung hat dies bestätigt; die oben angegebenen Hashwerte kennzeichnen ihn "
        "eindeutig."
    ),
    exact="Genauer elektronischer Speicherort (Artikel 16 Absatz 2 Buchstabe b): Die URL-Adresse ist oben angegeben.",
    identity=(
        "Name und E-Mail-Adresse (Artikel 16 Absatz 2 Buchstabe c): unten freiwillig angegeben; sie sind nicht "
        "erforderlich, wenn davon auszugehen ist, dass die Informationen eine in den Artikeln 3 bis 7 der Richtlinie "
        "2011/93/EU genannte Straftat betreffen."
    ),
    faith=(
        "Erklärung (Artikel 16 Absatz 2 Buchstabe d): Wir sind in gutem Glauben davon überzeugt, dass die in dieser "
        "Meldung enthaltenen Angaben und Anführungen richtig und vollständig sind."
    ),
    receipt=(
        "Bitte senden Sie uns eine Empfangsbestätigung (Artikel 16 Absatz 4), und teilen Sie uns Ihre Entscheidung und "
        "die möglichen Rechtsbehelfe mit (Artikel 16 Absatz 5)."
    ),
    farewell="Mit freundlichen Grüßen",
    reference="Aktenzeichen",
)
