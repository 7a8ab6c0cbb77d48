import pytest

from evenhand.core.errors import OverloadError
from evenhand.service.image_room import ImageRoom


def test_there_is_room_for_so_many_and_then_again_when_they_are_gone():
    room = ImageRoom(2)
    with room.take(1), room.take(1):
        with pytest.raises(OverloadError) as caught, room.take(1):
            raise AssertionError
        assert caught.value.retry_after == 1.0
    with room.take(2):
        pass


def test_a_single_request_may_have_more_when_nobody_else_waits():
    room = ImageRoom(2)
    with room.take(8), pytest.raises(OverloadError), room.take(1):
        raise AssertionError


def test_room_is_given_back_after_a_mistake():
    room = ImageRoom(1)
    with pytest.raises(ZeroDivisionError), room.take(1):
        raise ZeroDivisionError
    with room.take(1):
        pass
