"""Notices in Japanese. What is asked for bears the name that the law on platforms gives it (送信防止措置)."""
# ruff: noqa: RUF001 - brackets and colons of full width are what Japanese is written with

from safelight.model.assessment import Artificialness
from safelight.model.takedown import Scope
from safelight.report.notice.words.words import Words

JAPANESE = Words(
    subject="送信防止措置（削除等）のお願い：{what} [{reference}]",
    greeting="ご担当者様",
    opening=(
        "貴社のサービスを通じて、"
        "当方の審査により次の分類に該当すると確認されたコンテンツが閲覧可能な状態にあります：{what}"
    ),
    abuse="児童性的虐待コンテンツ（CSAM）",
    exploiting="児童の搾取にあたるコンテンツ",
    places="正確なURL：",
    items="ファイルのハッシュ値：",
    copy="当該URLにあるファイル（既知のコンテンツを改変した複製）のハッシュ値：",
    source="既知のコンテンツのハッシュ値：",
    item="当方の識別子",
    category="分類",
    klass="Tech Coalitionの業界分類：{klass}",
    made="当方の審査で確認した作成方法",
    how_made={
        Artificialness.CAMERA_ORIGINAL: "改変なし",
        Artificialness.MINIMALLY_MODIFIED: "軽微な変更（切り抜き、再圧縮など）",
        Artificialness.PARTIALLY_ALTERED: "改変あり",
        Artificialness.FULLY_SYNTHETIC: "全体が合成",
        Artificialness.HYBRID: "一部が合成",
    },
    seen="最後に確認した日時",
    addresses="ホストのIPアドレス",
    reports="通報窓口の受付番号",
    earlier="{time}に通知済み（{scope}）ですが、当該コンテンツは現在も閲覧可能です。",
    returned="当該コンテンツは{time}までに削除されましたが、再び公開されています。",
    scopes={
        Scope.SITE: "サイト運営者",
        Scope.HOST: "ホスティング事業者",
        Scope.UPSTREAM: "上位ネットワークの事業者",
        Scope.REGISTRAR: "ドメイン名登録事業者",
        Scope.HOTLINE: "通報窓口",
    },
    please="つきましては、次の対応をお願いいたします",
    remove={
        Scope.SITE: "当該コンテンツ、および同じハッシュ値を持つ他のすべての複製を、速やかに削除してください。",
        Scope.HOST: (
            "当該コンテンツを速やかに削除し、もしくは閲覧できない状態にするか、貴社の契約者にその対応を求めてください。"
        ),
        Scope.UPSTREAM: (
            "当該コンテンツが置かれているネットワークの契約者に、速やかに削除し、"
            "または閲覧できない状態にするよう求めてください。"
        ),
        Scope.REGISTRAR: (
            "ドメイン名の登録者に速やかな削除を求めてください。削除されない場合は、ドメイン名の利用を停止してください。"
        ),
        Scope.HOTLINE: "対応できる立場にある事業者が対応していないため、この通報をお取り扱いください。",
    },
    take_up="この通報をお取り扱いください。",
    preserve=(
        "貴社に適用される法令に従い、捜査機関に提供できるよう、当該コンテンツおよび関連する記録を保存してください。"
    ),
    answer="対応の結果を、整理番号{reference}を明記のうえ、{email}までお知らせください。",
    due="{time}までにご回答くださいますようお願いいたします。",
    due_by="{time}までにご回答くださいますようお願いいたします（{basis}）。",
    nothing_shown=(
        "本メールに画像は含まれておらず、今後もお送りすることはありません。当該コンテンツは、"
        "捜査機関などの関係当局以外の"
        "誰にも送信しないでください。"
    ),
    attached="同じ内容を機械可読形式（X-ARFバージョン4）で添付しております。",
    dsa="規則(EU)2022/2065（デジタルサービス法）第16条に基づく通知",
    explanation=(
        "説明（第16条第2項(a)）：当該コンテンツは上記の分類の違法コンテンツです。当方の審査により確認しており、上記の"
        "ハッシュ値で特定できます。"
    ),
    exact="正確な電子的所在（第16条第2項(b)）：URLは上記のとおりです。",
    identity=(
        "名称およびメールアドレス（第16条第2項(c)）：下に任意で記載しております。"
        "指令2011/93/EU第3条から第7条までの犯罪に"
        "関する通知では必須とされていません。"
    ),
    faith="表明（第16条第2項(d)）：本通知に含まれる情報および主張が正確かつ完全であると、誠実に信じております。",
    receipt="受領確認（第16条第4項）、ならびに決定の内容および救済手段のお知らせ（第16条第5項）をお願いいたします。",
    farewell="何卒よろしくお願いいたします。",
    reference="整理番号",
    colon="：",
)
