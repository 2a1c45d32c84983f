"""What is said in every language when a notice is taken back."""

from dataclasses import dataclass
from typing import Final

from safelight.report.notice.words.typography import french


@dataclass(frozen=True, slots=True)
class BackWords:
    """The sentences of one language, in the order in which they come.

    Places in braces are filled in: `subject` takes `reference`; `withdrawn` takes `reference` and `time`, and the
    address follows it; `questions` takes `email`.
    """

    subject: str
    withdrawn: str
    anew: str
    undo: str
    passed_on: str
    records: str
    others: str
    sorry: str
    questions: str


RETRACTIONS: Final = {
    "en": BackWords(
        subject="Withdrawal of our notice [{reference}]",
        withdrawn=(
            "We withdraw the notice that we sent you on {time} under the reference {reference} about this address:"
        ),
        anew="The matter was decided anew: the content does not fall under the category that the notice named.",
        undo=(
            "Please undo what was done on the strength of that notice, unless you have other grounds for it. What it "
            "asked of you, its request to preserve included, no longer stands."
        ),
        passed_on="If you passed the notice on, please pass this on to the same recipients.",
        records="Our database no longer names this content under that category.",
        others="Notices from us under other references are not affected.",
        sorry="We are sorry for the trouble that this has caused.",
        questions="Questions reach us at {email}.",
    ),
    "fr": french(
        BackWords(
            subject="Retrait de notre notification [{reference}]",
            withdrawn=(
                "Nous retirons la notification que nous vous avons adressée le {time} sous la référence {reference} au "
                "sujet de l'adresse suivante :"
            ),
            anew=(
                "L'affaire a fait l'objet d'une nouvelle décision : le contenu ne relève pas de la catégorie indiquée "
                "dans la notification."
            ),
            undo=(
                "Nous vous prions de bien vouloir revenir sur les mesures prises sur le fondement de cette "
                "notification, à moins qu'elles ne reposent sur d'autres motifs. Les demandes qu'elle contenait, y "
                "compris la demande de conservation, sont caduques."
            ),
            passed_on=(
                "Si vous avez transmis la notification à des tiers, merci de leur transmettre également le présent "
                "message."
            ),
            records="Ce contenu ne figure plus dans notre base de données au titre de cette catégorie.",
            others="Nos notifications portant d'autres références ne sont pas concernées.",
            sorry="Nous vous présentons nos excuses pour la gêne occasionnée.",
            questions="Pour toute question, vous pouvez nous écrire à l'adresse {email}.",
        )
    ),
    "es": BackWords(
        subject="Retirada de nuestra notificación [{reference}]",
        withdrawn=(
            "Retiramos la notificación que le enviamos el {time} con la referencia {reference}, relativa a la "
            "siguiente dirección:"
        ),
        anew=(
            "El asunto ha sido objeto de una nueva decisión: el contenido no corresponde a la categoría indicada en la "
            "notificación."
        ),
        undo=(
            "Le rogamos que deje sin efecto las medidas adoptadas en virtud de esa notificación, salvo que tenga otros "
            "motivos para mantenerlas. Lo que en ella se solicitaba, incluida la conservación, queda sin efecto."
        ),
        passed_on="Si remitió la notificación a terceros, le rogamos que les remita también este mensaje.",
        records="Este contenido ya no figura en nuestra base de datos dentro de esa categoría.",
        others="Nuestras notificaciones con otras referencias no se ven afectadas.",
        sorry="Lamentamos las molestias ocasionadas.",
        questions="Para cualquier consulta, puede escribirnos a {email}.",
    ),
    "de": BackWords(
        subject="Rücknahme unserer Meldung [{reference}]",
        withdrawn=(
            "wir nehmen die Meldung zurück, die wir Ihnen am {time} unter dem Aktenzeichen {reference} zu folgender "
            "Adresse übermittelt haben:"
        ),
        anew=(
            "Über die Sache ist neu entschieden worden: Der Inhalt fällt nicht unter die in der Meldung genannte "
            "Kategorie."
        ),
        undo=(
            "Bitte machen Sie rückgängig, was Sie aufgrund dieser Meldung veranlasst haben, sofern dafür keine anderen "
            "Gründe bestehen. Die darin ausgesprochenen Bitten, auch die um Sicherung der Daten, sind gegenstandslos."
        ),
        passed_on=(
            "Falls Sie die Meldung weitergegeben haben, geben Sie bitte auch diese Nachricht an dieselben Stellen "
            "weiter."
        ),
        records="In unserer Datenbank wird der Inhalt nicht mehr unter dieser Kategorie geführt.",
        others="Meldungen von uns unter anderen Aktenzeichen bleiben davon unberührt.",
        sorry="Für die entstandenen Unannehmlichkeiten bitten wir um Entschuldigung.",
        questions="Bei Rückfragen erreichen Sie uns unter {email}.",
    ),
    "ko": BackWords(
        subject="통지 철회 안내 [{reference}]",
        withdrawn="{time}에 관리번호 {reference}(으)로 아래 주소에 관하여 보내 드린 통지를 철회합니다.",
        anew="재검토 결과, 해당 콘텐츠는 통지에 기재된 유형에 해당하지 않는 것으로 다시 결정되었습니다.",
        undo=(
            "다른 사유가 없는 한, 해당 통지를 근거로 취하신 조치를 원상회복해 주시기 바랍니다. 자료 보존 요청을 "
            "비롯하여 통지에서 요청드린 사항은 더 이상 효력이 없습니다."
        ),
        passed_on="통지를 다른 곳에 전달하신 경우에는 이 안내도 함께 전달해 주시기 바랍니다.",
        records="당사 데이터베이스에서도 해당 콘텐츠는 더 이상 해당 유형으로 관리되지 않습니다.",
        others="관리번호가 다른 통지에는 영향이 없습니다.",
        sorry="불편을 끼쳐 드려 죄송합니다.",
        questions="문의 사항은 다음 주소로 보내 주시기 바랍니다: {email}",
    ),
    "ja": BackWords(
        subject="通知の撤回について [{reference}]",
        withdrawn="{time}に整理番号{reference}にて、次のURLに関してお送りした通知を撤回いたします。",
        anew="改めて審査した結果、当該コンテンツは、通知に記載した分類に該当しないとの判断に至りました。",
        undo=(
            "他に理由がない限り、当該通知に基づいて講じられた措置を解除し、"
            "原状に復していただきますようお願いいたします。"
            "保存のお願いを含め、通知でお願いした事項はいずれも効力を失います。"
        ),
        passed_on="通知を第三者に転送された場合は、本状も同じ宛先にお知らせくださいますようお願いいたします。",
        records="当方のデータベースにおいても、当該コンテンツは同分類として登録されておりません。",
        others="整理番号が異なる通知には影響しません。",
        sorry="ご迷惑をおかけしましたことを、お詫び申し上げます。",
        questions="ご不明な点は、{email}までお問い合わせください。",
    ),
}
"""By language (ISO 639-1)."""
