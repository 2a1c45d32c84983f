"""Notices in Korean."""

from safelight.model.assessment import Artificialness
from safelight.model.takedown import Scope
from safelight.report.notice.words.words import Words

KOREAN = Words(
    subject="삭제 요청: {what} [{reference}]",
    greeting="담당자님께,",
    opening="귀하의 서비스를 통해 다음 유형으로 확인된 자료에 접근할 수 있음을 알려 드립니다: {what}.",
    abuse="아동·청소년 성착취물",
    exploiting="아동을 착취하는 자료",
    places="정확한 주소:",
    items="파일의 해시값:",
    copy="해당 주소에 있는 파일(알려진 자료의 변형본)의 해시값:",
    source="알려진 자료의 해시값:",
    item="당사 식별자",
    category="유형",
    klass="Tech Coalition 분류 {klass} 등급",
    made="당사 검토에서 확인된 제작 방식",
    how_made={
        Artificialness.CAMERA_ORIGINAL: "변형되지 않음",
        Artificialness.MINIMALLY_MODIFIED: "약간 변형됨(자르기, 재압축 등)",
        Artificialness.PARTIALLY_ALTERED: "변조됨",
        Artificialness.FULLY_SYNTHETIC: "전체가 합성됨",
        Artificialness.HYBRID: "일부가 합성됨",
    },
    seen="마지막으로 확인된 시각",
    addresses="호스트의 IP 주소",
    reports="신고 기관 접수 번호",
    earlier="{time}에 이미 통지함: {scope}. 자료는 아직 남아 있습니다.",
    returned="자료는 {time}까지 삭제되었으나 다시 게시되어 있습니다.",
    scopes={
        Scope.SITE: "사이트 운영자",
        Scope.HOST: "호스팅 제공자",
        Scope.UPSTREAM: "상위 네트워크 운영자",
        Scope.REGISTRAR: "도메인 등록 대행자",
        Scope.HOTLINE: "신고 기관",
    },
    please="다음 조치를 요청드립니다",
    remove={
        Scope.SITE: "해당 자료와 같은 해시값을 가진 모든 사본을 지체 없이 삭제해 주십시오.",
        Scope.HOST: "해당 자료를 지체 없이 삭제하거나 접근을 차단해 주시고, 필요하면 고객이 조치하도록 해 주십시오.",
        Scope.UPSTREAM: "자료가 있는 네트워크의 고객이 지체 없이 삭제하거나 접근을 차단하도록 해 주십시오.",
        Scope.REGISTRAR: "도메인 보유자가 지체 없이 삭제하도록 해 주시고, 그렇지 않으면 도메인을 정지해 주십시오.",
        Scope.HOTLINE: "조치할 수 있는 곳에서 조치하지 않았으므로 이 신고를 처리해 주십시오.",
    },
    preserve="적용되는 법률에 따라 수사 기관을 위해 해당 자료와 관련 기록을 보존해 주십시오.",
    answer="조치 결과를 {email} 로 알려 주시고, 관리 번호 {reference} 를 적어 주십시오.",
    due="{time} 까지 회신해 주십시오.",
    due_by="{time} 까지 회신해 주십시오 ({basis}).",
    nothing_shown=(
        "이 메시지에는 어떠한 이미지도 없으며 앞으로도 보내지 않습니다. 자료를 관계 당국 외에는 누구에게도 보내지 "
        "마십시오."
    ),
    attached="같은 내용을 기계가 읽을 수 있는 형식(X-ARF 버전 4)으로 첨부합니다.",
    dsa="규정 (EU) 2022/2065(디지털 서비스법) 제16조에 따른 통지",
    explanation=(
        "설명(제16조 제2항 (a)): 이 자료는 위 유형의 불법 콘텐츠입니다. 당사 검토로 확인되었으며 위 해시값으로 "
        "식별됩니다."
    ),
    exact="위치(제16조 제2항 (b)): 정확한 주소는 위에 적었습니다.",
    identity=(
        "이름과 전자우편 주소(제16조 제2항 (c)): 아래에 자발적으로 적었습니다. 지침 2011/93/EU 제3조부터 제7조까지의 "
        "범죄에 관한 통지에는 필수가 아닙니다."
    ),
    faith="진술(제16조 제2항 (d)): 이 통지의 정보와 주장이 정확하고 완전하다고 선의로 믿습니다.",
    receipt="접수를 확인해 주시고(제16조 제4항), 결정과 구제 방법을 알려 주십시오(제16조 제5항).",
    farewell="감사합니다.",
    reference="관리 번호",
)
