from evenhand.api.operation import BODY_ERRORS, KEY_ERRORS, SCREEN_ERRORS, DescribedRoute, Operation


def test_a_described_route_is_a_route_with_one_method():
    operation = Operation(name="x", tag="t", summary="Say x", answer=(str,))
    route = DescribedRoute("/x", lambda _: None, method="POST", operation=operation)
    assert (route.path, route.methods, route.operation.name) == ("/x", {"POST"}, "x")


def test_no_two_documented_errors_share_a_code():
    codes = [error.code for error in (*KEY_ERRORS, *BODY_ERRORS, *SCREEN_ERRORS)]
    assert len(codes) == len(set(codes))
