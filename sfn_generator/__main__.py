"""``python -m sfn_generator``."""

from sfn_generator import main

main()
