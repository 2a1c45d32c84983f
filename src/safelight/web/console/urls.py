"""Routes of the console."""

from django.urls import path

from safelight.web.console.views import acts, case, media, people, queue

app_name = "console"

urlpatterns = [
    path("", queue.home, name="home"),
    path("queue", queue.queue, name="queue"),
    path("queue/waiting", queue.waiting, name="waiting"),
    path("queue/next", queue.take_next, name="next"),
    path("second", queue.second, name="second"),
    path("appeals", queue.appeals, name="appeals"),
    path("cases", queue.cases, name="cases"),
    path("cases/<str:case>", case.page, name="case"),
    path("cases/<str:case>/claim", case.claim, name="claim"),
    path("cases/<str:case>/release", case.release, name="release"),
    path("cases/<str:case>/route", case.route, name="route"),
    path("cases/<str:case>/note", case.note, name="note"),
    path("cases/<str:case>/decide", acts.decide, name="decide"),
    path("cases/<str:case>/second/<int:proposal>", acts.decide_second, name="decide-second"),
    path("cases/<str:case>/answer/<int:proposal>", acts.answer, name="answer"),
    path("cases/<str:case>/appeal", acts.appeal, name="appeal"),
    path("cases/<str:case>/appeals/<str:appeal>/uphold", acts.uphold, name="uphold"),
    path("cases/<str:case>/appeals/<str:appeal>/overturn", acts.overturn, name="overturn"),
    path("cases/<str:case>/hold", acts.hold, name="hold"),
    path("cases/<str:case>/holds/<str:hold>/lift", acts.lift, name="lift"),
    path("cases/<str:case>/export", acts.export, name="export"),
    path("cases/<str:case>/known-answer", acts.make_question, name="make-question"),
    path("cases/<str:case>/items/<str:item>/destroy", acts.destroy, name="destroy"),
    path("cases/<str:case>/items/<str:item>/frames", media.frames, name="frames"),
    path("cases/<str:case>/items/<str:item>/reveal", media.reveal, name="reveal"),
    path("cases/<str:case>/items/<str:item>/covered/<str:what>", media.cover, name="cover"),
    path("looks/end", media.hide, name="hide"),
    path("my-day", people.my_day, name="wellness"),
    path("my-day/pause", people.pause, name="pause"),
    path("my-day/preferences", people.preferences, name="preferences"),
    path("wellness", people.all_days, name="wellness-totals"),
    path("quality", people.agreement, name="quality"),
    path("quality/<int:number>", people.question, name="question"),
    path("log", people.log, name="log"),
    path("keys", people.keys, name="keys"),
]
