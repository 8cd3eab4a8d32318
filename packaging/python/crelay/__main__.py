"""``python -m crelay``: the program itself."""

import os
import sys

from ._program import Error, find

if __name__ == "__main__":
    try:
        program = find()
    except Error as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.code)
    os.execv(program, [program, *sys.argv[1:]])
