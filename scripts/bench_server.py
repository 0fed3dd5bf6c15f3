"""The production server without its sweep at the start, for the benchmark.

    PORT=8001 python scripts/bench_server.py kb.wsgi:application

The sweep would take back what was made to be out of date; a made-up database is no
old copy.
"""

import sys

from server import serve

if __name__ == "__main__":
    serve(sys.argv[1])
