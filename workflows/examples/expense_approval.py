"""Human approval: small expenses are paid at once; larger ones wait for a manager, for three days at most."""

from generator import Catch, Choice, Fail, Succeed, Task, Workflow, errors, fn, states, when
from workflows.examples.resources import ask_for_approval, notifications, pay_expense

THREE_DAYS = 3 * 24 * 60 * 60

expense = states.context.Execution.Input
pay = Task("PayExpense", pay_expense.invoke(expense))
rejected = Fail("Rejected", error="ExpenseRejected", cause=fn.format("{} rejected the expense.", states.input.manager))
remind = [
    Task("TellTheEmployee", notifications.publish(fn.format("Expense {} was not decided in three days.", expense.id))),
    Fail("NotDecided", error="ExpenseNotDecided", cause="No manager decided in three days."),
]

expense_approval = Workflow(
    "expense-approval",
    comment=__doc__,
    steps=[
        Choice("IsItSmall", when(states.input.amount <= 50, pay)),
        Task(
            "AskTheManager",
            ask_for_approval.invoke({"expense": states.input, "token": states.context.Task.Token}).wait_for_task_token(),
            timeout_seconds=THREE_DAYS,
            catch=Catch(errors.TIMEOUT, remind),
        ),
        Choice("DidTheyApprove", when(states.input.approved == True), otherwise=rejected),
        pay,
        Succeed("Paid"),
    ],
)
