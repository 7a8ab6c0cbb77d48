import re
import time

from evenhand.core.ids import new_id


def test_ids_sort_by_time_and_never_repeat():
    made = []
    for _ in range(3):
        made.append(new_id("evt"))
        time.sleep(0.002)
    assert all(re.fullmatch(r"evt_[0-9a-f]{32}", one) for one in made)
    assert made == sorted(made)
    assert len({new_id("evt") for _ in range(1000)}) == 1000
