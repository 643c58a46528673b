"""Starts the pinned emulator with the gaps of its API Gateway filled.

Configured by the emulator's own environment variables (GATEWAY_PORT, BIND_HOST, STATE_DIR ...). Arguments are
ignored: they mark the process, so that it can be told from a stranger with the same process id. With
SALLYPORT_PLAIN_EMULATOR=1 nothing is patched: the tests ask so whether a gap is still open.
"""

import os
import sys


def main():
    if os.environ.get("SALLYPORT_PLAIN_EMULATOR") != "1":
        try:
            import gaps

            gaps.apply()
        except (ImportError, AttributeError) as error:
            sys.exit(f"local/emulator does not fit the installed emulator: {error}")
    from ministack import app

    # its own command line takes other arguments
    sys.argv = sys.argv[:1]
    app.main()


if __name__ == "__main__":
    main()
