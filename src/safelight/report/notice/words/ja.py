"""Notices in Japanese."""
# ruff: noqa: RUF001 - brackets of full width are what Japanese is written with

from safelight.model.assessment import Artificialness
from safelight.model.takedown import Scope
from safelight.report.notice.words.words import Words

JAPANESE = Words(
    subject="削除のお願い: {what} [{reference}]",
    greeting="ご担当者様",
    opening="貴社のサービスを通じて、当方の審査で次のものと確認された資料が閲覧可能な状態にあります: {what}。",
    abuse="児童の性的虐待にあたる資料",
    exploiting="児童を搾取する資料",
    places="正確な URL:",
    items="ファイルのハッシュ値:",
    copy="当該アドレスにあるもの(既知の素材を改変した複製)のハッシュ値:",
    source="既知の素材のハッシュ値:",
    item="当方の識別子",
    category="分類",
    klass="Tech Coalition の分類 {klass}",
    made="当方の審査で確認した作成方法",
    how_made={
        Artificialness.CAMERA_ORIGINAL: "改変なし",
        Artificialness.MINIMALLY_MODIFIED: "軽微な変更（切り抜き、再圧縮など）",
        Artificialness.PARTIALLY_ALTERED: "改変あり",
        Artificialness.FULLY_SYNTHETIC: "全体が合成",
        Artificialness.HYBRID: "一部が合成",
    },
    seen="最後に確認した日時",
    addresses="ホストの IP アドレス",
    reports="通報窓口の受付番号",
    earlier="{time} に通知済み: {scope}。資料はまだ残っています。",
    returned="資料は {time} までに削除されていましたが、再び公開されています。",
    scopes={
        Scope.SITE: "サイト運営者",
        Scope.HOST: "ホスティング事業者",
        Scope.UPSTREAM: "上位ネットワークの運営者",
        Scope.REGISTRAR: "ドメイン登録事業者",
        Scope.HOTLINE: "通報窓口",
    },
    please="次の対応をお願いいたします",
    remove={
        Scope.SITE: "当該資料と、同じハッシュ値を持つすべての複製を、速やかに削除してください。",
        Scope.HOST: "当該資料を速やかに削除するか、アクセスを遮断してください。または、お客様に対応させてください。",
        Scope.UPSTREAM: "資料が置かれているネットワークのお客様に、速やかに削除またはアクセスの遮断をさせてください。",
        Scope.REGISTRAR: "ドメインの保有者に速やかに削除させてください。対応がない場合は、ドメインを停止してください。",
        Scope.HOTLINE: "対応できる立場の者が対応していないため、この通報を取り扱ってください。",
    },
    preserve="適用される法律に従い、捜査機関のために当該資料と関連する記録を保存してください。",
    answer="対応の結果を {email} までお知らせください。その際は整理番号 {reference} を記載してください。",
    due="{time} までにご回答ください。",
    due_by="{time} までにご回答ください（{basis}）。",
    nothing_shown=(
        "このメッセージに画像は含まれておらず、今後も送付しません。当該資料は当局以外の誰にも送らないでください。"
    ),
    attached="同じ内容を機械可読形式（X-ARF バージョン 4）で添付しています。",
    dsa="規則 (EU) 2022/2065（デジタルサービス法）第 16 条に基づく通知",
    explanation=(
        "説明（第 16 条 2 項 (a)）: 当該資料は上記の分類の違法コンテンツです。当方の審査で確認しており、"
        "上記のハッシュ値で特定できます。"
    ),
    exact="所在（第 16 条 2 項 (b)）: 正確な URL は上記のとおりです。",
    identity=(
        "氏名とメールアドレス（第 16 条 2 項 (c)）: 任意で下に記載しています。指令 2011/93/EU 第 3 条から第 7 "
        "条の犯罪に関する通知では必須ではありません。"
    ),
    faith="表明（第 16 条 2 項 (d)）: この通知の情報と主張が正確かつ完全であると、誠実に信じています。",
    receipt="受領の確認（第 16 条 4 項）と、決定および救済手段のご連絡（第 16 条 5 項）をお願いいたします。",
    farewell="よろしくお願いいたします。",
    reference="整理番号",
)
