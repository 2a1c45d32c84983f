"""The sentences of statements to uploaders, in six languages. None describes what a file shows, or names a person.

Every language has the same keys, and each key the same blanks (tested). `{since}` and the like are days: 2026-03-02.
"""

# ruff: noqa: RUF001 - French and Japanese punctuation is meant as it is

from typing import Final

LANGUAGES: Final = ("en", "fr", "es", "de", "ko", "ja")
"""ISO 639-1."""

_EN = {
    "title.reasons": "Statement of reasons (Regulation (EU) 2022/2065, Article 17)",
    "title.upheld": "Answer to your complaint (Regulation (EU) 2022/2065, Article 20)",
    "title.withdrawn": "A decision about your file was withdrawn",
    "head": "Statement {id}, {at}, by {organisation}",
    "file": "Your file: {reference}, uploaded on {uploaded}.",
    "what": "We have disabled access to it since {since}, everywhere and without an end.",
    "illegal": (
        "Reason: we hold it to be illegal content concerning the protection of minors "
        "(Directive 2011/93/EU, Articles 3 to 7, as transposed into national law)."
    ),
    "terms": "Reason: it is not compatible with our rules on the protection of minors ({terms}).",
    "prompt.own": "We looked at it on our own initiative.",
    "prompt.notice": "We looked at it because we were given notice of it.",
    "found.automated": "It was found by automated means: by comparing it with fingerprints of known material.",
    "found.person": "It was not found by automated means.",
    "how.policy": (
        "The decision was taken by automated means, because the file is byte for byte the same as material that is "
        "known to us."
    ),
    "how.barred": "A program kept it back first; then people took the decision.",
    "how.person": "The decision was taken by people, not by automated means.",
    "redress": (
        "If you do not agree, you can complain to us free of charge within six months of this statement: write to "
        "{email} and quote its number. People decide on complaints, not programs alone. You can also turn to a "
        "certified out-of-court dispute settlement body (Article 21), or to a court."
    ),
    "upheld": "You asked us to look again. People did so on {day}. The decision stays as it is.",
    "further": "You can turn to a certified out-of-court dispute settlement body (Article 21), or to a court.",
    "withdrawn": (
        "The decision to disable access to this file since {since} was withdrawn on {day}. "
        "What we told you of the reasons does not stand any more."
    ),
    "sorry": "We are sorry for the inconvenience. If you have questions, write to {email} and quote the number above.",
}

_FR = {
    "title.reasons": "Exposé des motifs (règlement (UE) 2022/2065, article 17)",
    "title.upheld": "Réponse à votre réclamation (règlement (UE) 2022/2065, article 20)",
    "title.withdrawn": "Une décision concernant votre fichier a été retirée",
    "head": "Exposé {id}, {at}, par {organisation}",
    "file": "Votre fichier : {reference}, mis en ligne le {uploaded}.",
    "what": "Nous en avons désactivé l’accès depuis le {since}, partout et sans limite de durée.",
    "illegal": (
        "Motif : nous considérons qu’il s’agit d’un contenu illicite relevant de la protection des mineurs "
        "(directive 2011/93/UE, articles 3 à 7, telle que transposée en droit national)."
    ),
    "terms": "Motif : il n’est pas compatible avec nos règles sur la protection des mineurs ({terms}).",
    "prompt.own": "Nous l’avons examiné de notre propre initiative.",
    "prompt.notice": "Nous l’avons examiné à la suite d’une notification.",
    "found.automated": (
        "Il a été trouvé par des moyens automatisés : par comparaison avec des empreintes de contenus connus."
    ),
    "found.person": "Il n’a pas été trouvé par des moyens automatisés.",
    "how.policy": (
        "La décision a été prise par des moyens automatisés, car le fichier est identique octet pour octet à un "
        "contenu que nous connaissons."
    ),
    "how.barred": "Un programme l’a d’abord retenu ; ensuite, des personnes ont pris la décision.",
    "how.person": "La décision a été prise par des personnes, et non par des moyens automatisés.",
    "redress": (
        "Si vous n’êtes pas d’accord, vous pouvez introduire gratuitement une réclamation auprès de nous dans les six "
        "mois suivant cet exposé : écrivez à {email} en indiquant son numéro. Les réclamations sont tranchées par des "
        "personnes, et non par des programmes seuls. Vous pouvez aussi saisir un organe certifié de règlement "
        "extrajudiciaire des litiges (article 21) ou un tribunal."
    ),
    "upheld": (
        "Vous nous avez demandé un nouvel examen. Des personnes l’ont effectué le {day}. La décision est maintenue."
    ),
    "further": (
        "Vous pouvez saisir un organe certifié de règlement extrajudiciaire des litiges (article 21) ou un tribunal."
    ),
    "withdrawn": (
        "La décision de désactiver l’accès à ce fichier depuis le {since} a été retirée le {day}. "
        "Les motifs que nous vous avions indiqués ne valent plus."
    ),
    "sorry": (
        "Nous vous prions de nous excuser pour la gêne occasionnée. Pour toute question, écrivez à {email} en "
        "indiquant le numéro ci-dessus."
    ),
}

_ES = {
    "title.reasons": "Declaración de motivos (Reglamento (UE) 2022/2065, artículo 17)",
    "title.upheld": "Respuesta a su reclamación (Reglamento (UE) 2022/2065, artículo 20)",
    "title.withdrawn": "Se ha retirado una decisión sobre su archivo",
    "head": "Declaración {id}, {at}, de {organisation}",
    "file": "Su archivo: {reference}, subido el {uploaded}.",
    "what": "Hemos bloqueado el acceso a él desde el {since}, en todas partes y sin plazo de finalización.",
    "illegal": (
        "Motivo: consideramos que es un contenido ilícito relativo a la protección de los menores "
        "(Directiva 2011/93/UE, artículos 3 a 7, según su transposición al Derecho nacional)."
    ),
    "terms": "Motivo: no es compatible con nuestras normas sobre la protección de los menores ({terms}).",
    "prompt.own": "Lo hemos examinado por iniciativa propia.",
    "prompt.notice": "Lo hemos examinado porque recibimos una notificación.",
    "found.automated": (
        "Se encontró por medios automatizados: al compararlo con huellas digitales de material conocido."
    ),
    "found.person": "No se encontró por medios automatizados.",
    "how.policy": (
        "La decisión se tomó por medios automatizados, porque el archivo es idéntico byte a byte a material que "
        "conocemos."
    ),
    "how.barred": "Primero lo retuvo un programa; después, la decisión la tomaron personas.",
    "how.person": "La decisión la tomaron personas, no medios automatizados.",
    "redress": (
        "Si no está de acuerdo, puede presentarnos gratuitamente una reclamación en los seis meses siguientes a esta "
        "declaración: escriba a {email} e indique su número. Las reclamaciones las resuelven personas, no solo "
        "programas. También puede acudir a un órgano certificado de resolución extrajudicial de litigios "
        "(artículo 21) o a un tribunal."
    ),
    "upheld": "Nos pidió que lo examináramos de nuevo. Unas personas lo hicieron el {day}. La decisión se mantiene.",
    "further": (
        "Puede acudir a un órgano certificado de resolución extrajudicial de litigios (artículo 21) o a un tribunal."
    ),
    "withdrawn": (
        "La decisión de bloquear el acceso a este archivo desde el {since} se retiró el {day}. "
        "Los motivos que le comunicamos ya no son válidos."
    ),
    "sorry": (
        "Lamentamos las molestias. Si tiene preguntas, escriba a {email} e indique el número que figura más arriba."
    ),
}

_DE = {
    "title.reasons": "Begründung (Verordnung (EU) 2022/2065, Artikel 17)",
    "title.upheld": "Antwort auf Ihre Beschwerde (Verordnung (EU) 2022/2065, Artikel 20)",
    "title.withdrawn": "Eine Entscheidung über Ihre Datei wurde aufgehoben",
    "head": "Begründung {id}, {at}, von {organisation}",
    "file": "Ihre Datei: {reference}, hochgeladen am {uploaded}.",
    "what": "Wir haben den Zugang zu ihr seit dem {since} gesperrt, überall und unbefristet.",
    "illegal": (
        "Grund: Wir halten sie für einen rechtswidrigen Inhalt, der den Schutz Minderjähriger betrifft "
        "(Richtlinie 2011/93/EU, Artikel 3 bis 7, in der in nationales Recht umgesetzten Fassung)."
    ),
    "terms": "Grund: Sie ist mit unseren Regeln zum Schutz Minderjähriger nicht vereinbar ({terms}).",
    "prompt.own": "Wir haben sie auf eigene Initiative geprüft.",
    "prompt.notice": "Wir haben sie aufgrund einer Meldung geprüft.",
    "found.automated": (
        "Sie wurde mit automatisierten Mitteln gefunden: durch Vergleich mit Fingerabdrücken bekannter Inhalte."
    ),
    "found.person": "Sie wurde nicht mit automatisierten Mitteln gefunden.",
    "how.policy": (
        "Die Entscheidung wurde mit automatisierten Mitteln getroffen, weil die Datei Byte für Byte einem uns "
        "bekannten Inhalt gleicht."
    ),
    "how.barred": "Zuerst hielt ein Programm sie zurück; danach haben Menschen entschieden.",
    "how.person": "Die Entscheidung haben Menschen getroffen, nicht automatisierte Mittel.",
    "redress": (
        "Wenn Sie nicht einverstanden sind, können Sie sich innerhalb von sechs Monaten nach dieser Begründung "
        "kostenlos bei uns beschweren: Schreiben Sie an {email} und nennen Sie ihre Nummer. Über Beschwerden "
        "entscheiden Menschen, nicht allein Programme. Sie können sich auch an eine zertifizierte außergerichtliche "
        "Streitbeilegungsstelle (Artikel 21) oder an ein Gericht wenden."
    ),
    "upheld": "Sie haben uns gebeten, erneut zu prüfen. Menschen haben das am {day} getan. Die Entscheidung bleibt.",
    "further": (
        "Sie können sich an eine zertifizierte außergerichtliche Streitbeilegungsstelle (Artikel 21) oder an ein "
        "Gericht wenden."
    ),
    "withdrawn": (
        "Die Entscheidung, den Zugang zu dieser Datei seit dem {since} zu sperren, wurde am {day} aufgehoben. "
        "Die Gründe, die wir Ihnen genannt haben, gelten nicht mehr."
    ),
    "sorry": "Wir bitten um Entschuldigung. Bei Fragen schreiben Sie an {email} und nennen Sie die Nummer oben.",
}

_KO = {
    "title.reasons": "조치 사유 설명서 (규정 (EU) 2022/2065 제17조)",
    "title.upheld": "이의 제기에 대한 답변 (규정 (EU) 2022/2065 제20조)",
    "title.withdrawn": "귀하의 파일에 대한 결정이 철회되었습니다",
    "head": "설명서 번호 {id}, {at}, {organisation}",
    "file": "귀하의 파일: {reference}, 업로드한 날: {uploaded}.",
    "what": "{since}부터 모든 지역에서 기한 없이 이 파일에 대한 접근을 차단하였습니다.",
    "illegal": (
        "사유: 미성년자 보호에 관한 불법 콘텐츠로 판단하였습니다 "
        "(국내법으로 이행된 지침 2011/93/EU 제3조부터 제7조까지)."
    ),
    "terms": "사유: 미성년자 보호에 관한 당사의 규정({terms})에 맞지 않습니다.",
    "prompt.own": "당사가 자발적으로 검토하였습니다.",
    "prompt.notice": "신고를 받고 검토하였습니다.",
    "found.automated": "자동화된 수단, 즉 이미 알려진 자료의 디지털 지문과 비교하는 방법으로 발견되었습니다.",
    "found.person": "자동화된 수단으로 발견된 것이 아닙니다.",
    "how.policy": (
        "이 파일은 당사에 이미 알려진 자료와 바이트 단위로 동일하므로, 결정은 자동화된 수단으로 이루어졌습니다."
    ),
    "how.barred": "먼저 프로그램이 파일을 보류하였고, 그 후 사람이 결정하였습니다.",
    "how.person": "결정은 자동화된 수단이 아니라 사람이 내렸습니다.",
    "redress": (
        "동의하지 않으시면 이 설명서를 받은 날부터 6개월 이내에 무료로 당사에 이의를 제기하실 수 있습니다. "
        "설명서 번호를 적어 {email} 로 보내 주십시오. 이의는 프로그램만이 아니라 사람이 결정합니다. "
        "인증된 법원 외 분쟁 해결 기관(제21조)이나 법원에 구제를 신청하실 수도 있습니다."
    ),
    "upheld": "귀하의 재검토 요청에 따라 {day}에 사람이 다시 검토하였습니다. 결정은 그대로 유지됩니다.",
    "further": "인증된 법원 외 분쟁 해결 기관(제21조)이나 법원에 구제를 신청하실 수 있습니다.",
    "withdrawn": (
        "{since}부터 이 파일에 대한 접근을 차단한 결정은 {day}에 철회되었습니다. "
        "앞서 알려 드린 사유는 더 이상 유효하지 않습니다."
    ),
    "sorry": "불편을 드려 죄송합니다. 문의 사항이 있으시면 위의 번호를 적어 {email} 로 보내 주십시오.",
}

_JA = {
    "title.reasons": "措置の理由書（規則 (EU) 2022/2065 第17条）",
    "title.upheld": "苦情への回答（規則 (EU) 2022/2065 第20条）",
    "title.withdrawn": "お客様のファイルに関する決定は撤回されました",
    "head": "理由書番号 {id}、{at}、{organisation}",
    "file": "お客様のファイル：{reference}（アップロード日：{uploaded}）",
    "what": "{since} から、すべての地域で期限なく、このファイルへのアクセスを停止しています。",
    "illegal": (
        "理由：未成年者の保護に関わる違法なコンテンツと判断しました"
        "（国内法に置き換えられた指令 2011/93/EU 第3条から第7条）。"
    ),
    "terms": "理由：未成年者の保護に関する当社の規定（{terms}）に反します。",
    "prompt.own": "当社の自主的な判断により確認しました。",
    "prompt.notice": "通報を受けて確認しました。",
    "found.automated": "自動化された手段、すなわち既知の素材のフィンガープリントとの照合により見つかりました。",
    "found.person": "自動化された手段により見つかったものではありません。",
    "how.policy": (
        "このファイルは当社が把握している素材とバイト単位で同一であるため、決定は自動化された手段により行われました。"
    ),
    "how.barred": "まずプログラムがファイルを保留し、その後、人が決定しました。",
    "how.person": "決定は自動化された手段ではなく、人が行いました。",
    "redress": (
        "同意されない場合は、この理由書から6か月以内に、無料で当社に苦情を申し立てることができます。"
        "理由書番号を記載のうえ {email} までご連絡ください。苦情はプログラムだけでなく、人が判断します。"
        "また、認定を受けた裁判外紛争解決機関（第21条）または裁判所に申し立てることもできます。"
    ),
    "upheld": "再確認のご依頼を受け、{day} に人が改めて確認しました。決定は維持されます。",
    "further": "認定を受けた裁判外紛争解決機関（第21条）または裁判所に申し立てることができます。",
    "withdrawn": (
        "{since} からこのファイルへのアクセスを停止するという決定は、{day} に撤回されました。"
        "先にお知らせした理由は、もはや有効ではありません。"
    ),
    "sorry": "ご不便をおかけし申し訳ございません。ご不明な点は、上記の番号を記載のうえ {email} までご連絡ください。",
}

WORDS: Final = {"en": _EN, "fr": _FR, "es": _ES, "de": _DE, "ko": _KO, "ja": _JA}
"""All sentences, by language."""
