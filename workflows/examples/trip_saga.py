"""Saga: book a flight, a hotel and a car; where one fails, cancel what was booked, in reverse order."""

from generator import Catch, Fail, Retry, Succeed, Task, Workflow, errors, states
from workflows.examples.resources import book_car, book_flight, book_hotel, cancel_flight, cancel_hotel

# A compensation must not give up: it is retried for most of a day, with waits of up to an hour.
PERSISTENT = Retry(errors.ALL, interval_seconds=5, max_attempts=30, backoff_rate=2, max_delay_seconds=3600, jitter=True)
TRANSIENT = Retry(errors.LAMBDA_TRANSIENT, interval_seconds=1, max_attempts=3, backoff_rate=2, jitter=True)

trip = {"trip_id": states.input.trip_id, "traveller": states.input.traveller}
failed = {"trip_id": states.input.trip_id, "error": states.error_output}

not_booked = Fail("TripNotBooked", error="TripNotBooked", cause="The trip could not be booked; what was booked has been cancelled.")
undo_flight = Task("CancelFlight", cancel_flight.invoke(states.input), retry=PERSISTENT, next=not_booked)
undo_hotel = Task("CancelHotel", cancel_hotel.invoke(states.input), output=states.input, retry=PERSISTENT, next=undo_flight)

trip_saga = Workflow(
    "trip-saga",
    comment=__doc__,
    steps=[
        Task(
            "BookFlight", book_flight.invoke(trip), output=states.input, retry=TRANSIENT, catch=Catch(errors.ALL, not_booked, output=failed)
        ),
        Task(
            "BookHotel", book_hotel.invoke(trip), output=states.input, retry=TRANSIENT, catch=Catch(errors.ALL, undo_flight, output=failed)
        ),
        Task("BookCar", book_car.invoke(trip), output=states.input, retry=TRANSIENT, catch=Catch(errors.ALL, undo_hotel, output=failed)),
        Succeed("TripBooked"),
    ],
)
