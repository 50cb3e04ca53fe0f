"""Triggers: make the sales report on every weekday morning, and whenever the shop asks for one by an event."""

from generator import EventRule, Schedule, Succeed, Task, Workflow, fn, states
from workflows.examples.resources import lost_events, make_report, notifications, shop_events

every_morning = Schedule(
    "cron(30 6 ? * MON-FRI *)",
    name="every-morning",
    time_zone="Europe/Berlin",
    window_minutes=15,
    input={"period": "day", "at": "<aws.scheduler.scheduled-time>"},
    maximum_event_age_seconds=60 * 60,
    dead_letter=lost_events,
)
on_request = EventRule(
    {"source": ["shop.reports"], "detail-type": ["ReportRequested"], "detail": {"period": ["week", "month", "year"]}},
    name="on-request",
    bus=shop_events,
    input={"period": states.input.detail.period, "at": states.input.time},
    dead_letter=lost_events,
)

sales_report = Workflow(
    "sales-report",
    comment=__doc__,
    triggers=[every_morning, on_request],
    steps=[
        Task("MakeReport", make_report.invoke({"period": states.input.period, "at": states.input.at})),
        Task("TellSales", notifications.publish(fn.format("The sales report is at {}.", states.input.url))),
        Succeed("Told"),
    ],
)
