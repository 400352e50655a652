"""`python -m tb_lrfinder`."""

import sys

from tb_lrfinder.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
