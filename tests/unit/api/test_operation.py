from evenhand.api.operation import KEY_ERRORS, DescribedRoute, Operation, body_errors, screen_errors


def test_a_described_route_is_a_route_with_one_method():
    operation = Operation(name="x", tag="t", summary="Say x", answer=(str,))
    route = DescribedRoute("/x", lambda _: None, method="POST", operation=operation)
    assert (route.path, route.methods, route.operation.name) == ("/x", {"POST"}, "x")


def test_no_two_documented_errors_share_a_code():
    errors = (*KEY_ERRORS, *body_errors("text"), *screen_errors("text", "items[2].text", "items"))
    codes = [error.code for error in errors]
    assert len(codes) == len(set(codes))
