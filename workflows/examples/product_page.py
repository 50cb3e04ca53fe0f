"""Fan-out: fetch the parts of a product page at the same time; a part that fails is left out, the page is still shown."""

from generator import Catch, Parallel, Pass, Retry, Task, Workflow, errors, states
from workflows.examples.resources import product_details, product_reviews, product_stock

QUICK = Retry(errors.LAMBDA_TRANSIENT, interval_seconds=1, max_attempts=1)

product_page = Workflow(
    "product-page",
    comment=__doc__,
    type="EXPRESS",
    timeout_seconds=30,
    steps=[
        Parallel(
            "FetchParts",
            [Task("FetchDetails", product_details.invoke(), retry=QUICK)],
            [Task("FetchReviews", product_reviews.invoke(), retry=QUICK, catch=Catch(errors.ALL, Pass("NoReviews", output=[])))],
            [
                Task(
                    "FetchStock",
                    product_stock.invoke(),
                    retry=QUICK,
                    catch=Catch(errors.ALL, Pass("StockUnknown", output={"available": None})),
                )
            ],
            output={"details": states.result[0], "reviews": states.result[1], "stock": states.result[2]},
        ),
    ],
)
