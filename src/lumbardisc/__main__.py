"""`python -m lumbardisc` is the command `lumbardisc`."""

from lumbardisc.cli.main import main

main()
