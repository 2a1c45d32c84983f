"""Notices in Korean. The material is named as the law on the protection of children and youth does (Article 2)."""

from safelight.model.assessment import Artificialness
from safelight.model.takedown import Scope
from safelight.report.notice.words.words import Words

KOREAN = Words(
    subject="삭제 및 접속차단 요청: {what} [{reference}]",
    greeting="담당자 귀하",
    opening=(
        "귀사의 서비스를 통하여, 당사의 검토 결과 다음 유형에 해당하는 것으로 확인된 콘텐츠에 접속할 수 있음을 "
        "알려 드립니다: {what}"
    ),
    abuse="아동·청소년성착취물",
    exploiting="아동·청소년을 착취하는 콘텐츠",
    places="정확한 주소(URL):",
    items="파일의 해시값:",
    copy="해당 주소에 있는 파일(이미 확인된 콘텐츠의 변형본)의 해시값:",
    source="이미 확인된 콘텐츠의 해시값:",
    item="당사 식별자",
    category="유형",
    klass="Tech Coalition 업계 분류 기준 {klass}",
    made="당사 검토에서 확인된 제작 방식",
    how_made={
        Artificialness.CAMERA_ORIGINAL: "변형되지 않음",
        Artificialness.MINIMALLY_MODIFIED: "약간 변형됨(자르기, 재압축 등)",
        Artificialness.PARTIALLY_ALTERED: "편집·변조됨",
        Artificialness.FULLY_SYNTHETIC: "전부 합성됨",
        Artificialness.HYBRID: "일부 합성됨",
    },
    seen="최종 확인 일시",
    addresses="호스트의 IP 주소",
    reports="신고기관 접수번호",
    earlier="{time}에 통지하였으나({scope}) 해당 콘텐츠는 여전히 게시되어 있습니다.",
    returned="해당 콘텐츠는 {time} 이전에 삭제되었으나 다시 게시되어 있습니다.",
    scopes={
        Scope.SITE: "사이트 운영자",
        Scope.HOST: "호스팅 사업자",
        Scope.UPSTREAM: "상위 통신망 사업자",
        Scope.REGISTRAR: "도메인이름 등록대행자",
        Scope.HOTLINE: "신고기관",
    },
    please="아래와 같이 조치하여 주시기 바랍니다",
    remove={
        Scope.SITE: "해당 콘텐츠와, 해시값이 동일한 다른 사본을 모두 지체 없이 삭제해 주십시오.",
        Scope.HOST: "해당 콘텐츠를 지체 없이 삭제하거나 접속을 차단하시거나, 고객이 그렇게 하도록 조치해 주십시오.",
        Scope.UPSTREAM: (
            "해당 콘텐츠가 있는 통신망을 운영하는 고객이 지체 없이 삭제하거나 접속을 차단하도록 조치해 주십시오."
        ),
        Scope.REGISTRAR: (
            "도메인이름 등록인이 지체 없이 삭제하도록 조치해 주시고, 삭제하지 않는 경우 도메인이름의 사용을 "
            "정지해 주십시오."
        ),
        Scope.HOTLINE: "조치할 수 있는 사업자가 조치하지 않았으므로 이 신고를 처리해 주십시오.",
    },
    take_up="이 신고를 처리해 주십시오.",
    preserve="귀사에 적용되는 법률에 따라 수사기관에 제공할 수 있도록 해당 콘텐츠와 관련 기록을 보존해 주십시오.",
    answer="조치 결과를 관리번호({reference})와 함께 다음 주소로 알려 주십시오: {email}",
    due="{time}까지 회신해 주십시오.",
    due_by="{time}까지 회신해 주십시오({basis}).",
    nothing_shown=(
        "이 메일에는 어떠한 이미지도 포함되어 있지 않으며, 앞으로도 보내지 않습니다. 해당 콘텐츠를 관계 당국 외에는 "
        "누구에게도 전송하지 마시기 바랍니다."
    ),
    attached="같은 내용을 기계가 읽을 수 있는 형식(X-ARF 버전 4)으로 첨부합니다.",
    dsa="규정 (EU) 2022/2065(디지털 서비스법) 제16조에 따른 통지",
    explanation=(
        "설명(제16조 제2항 (a)호): 해당 콘텐츠는 위 유형의 불법 콘텐츠입니다. 당사의 검토를 거쳐 확인되었으며, 위 "
        "해시값으로 식별할 수 있습니다."
    ),
    exact="정확한 전자적 위치(제16조 제2항 (b)호): URL은 위에 기재되어 있습니다.",
    identity=(
        "명칭 및 이메일 주소(제16조 제2항 (c)호): 아래에 자발적으로 기재하였습니다. 지침 2011/93/EU 제3조부터 "
        "제7조까지의 "
        "범죄에 관한 통지에는 필수 사항이 아닙니다."
    ),
    faith=(
        "진술(제16조 제2항 (d)호): 당사는 이 통지에 포함된 정보와 주장이 정확하고 완전하다고 신의에 따라 믿고 있습니다."
    ),
    receipt="접수 확인을 보내 주시고(제16조 제4항), 결정 내용과 구제 수단을 알려 주십시오(제16조 제5항).",
    farewell="감사합니다.",
    reference="관리번호",
)
