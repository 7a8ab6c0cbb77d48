import subprocess
import sys

PROBE = """
import sys
import evenhand.store.store
print(sorted({"sqlalchemy", "alembic", "msgspec", "psycopg"} & set(sys.modules)))
"""


def test_importing_the_store_loads_no_database():
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
