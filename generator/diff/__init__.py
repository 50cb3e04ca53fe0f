"""What a change does: two versions of workflows compared as behaviour, and a recorded execution run against a new definition."""
