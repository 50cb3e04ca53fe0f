from generator import Choice, Fail, Workflow, states, when

rejected = Fail("Rejected", error="Rejected")
order = Workflow("order", steps=[Choice("IsPaid", when(states.input.paid == False, rejected))])
