"""What the example workflows use."""

from generator import Bucket, EventBus, Function, Queue, Table, Topic

# The trip of the saga.
book_flight = Function("book-flight")
book_hotel = Function("book-hotel")
book_car = Function("book-car")
cancel_flight = Function("cancel-flight")
cancel_hotel = Function("cancel-hotel")

# The expense report that a manager approves.
ask_for_approval = Function("ask-for-approval", description="Mails the manager two links that send the task token back.")
pay_expense = Function("pay-expense")
notifications = Topic("notifications")

# The video that is transcoded elsewhere.
start_transcoding = Function("start-transcoding")
transcoding_status = Function("transcoding-status")

# The customers of a CSV file.
imports = Bucket("imports", event_bridge=True)
import_customer = Function("import-customer", timeout_seconds=15)

# The page that is put together from several services.
product_details = Function("product-details", timeout_seconds=3)
product_reviews = Function("product-reviews", timeout_seconds=3)
product_stock = Function("product-stock", timeout_seconds=3)

# The payment, as an Express workflow inside a Standard one.
payments = Table("payments", key="payment_id")
charge_card = Function("charge-card")
"""Each charge carries the payment's id, so that a repeated one is charged once."""

# The report that is made on a schedule and on request.
make_report = Function("make-report", timeout_seconds=60)
shop_events = EventBus("shop-events")
lost_events = Queue("lost-events")
