import pytest

from evenhand.core.decision import Action
from fakes.detectors import HangingDetector, ScriptedDetector


@pytest.fixture
def doors(make_doors):
    detector = ScriptedDetector(lambda text: [detector.signal(float(text.split()[-1]))])
    return make_doors(detector)


def test_strings_get_a_result_each(doors):
    answer = doors.post("/v1/moderations", {"input": ["score 0.1", "score 0.7"]}).json()
    assert answer["model"] == "omni-moderation-latest"
    assert [result["flagged"] for result in answer["results"]] == [False, True]


def test_the_answer_leads_to_the_decision(doors):
    answer = doors.post("/v1/moderations", {"input": "score 0.7", "model": "evenhand-text"}).json()
    decision = doors.get(f"/v1/decisions/dec_{answer['id'].removeprefix('modr-')}").json()
    assert (decision["action"], decision["scores"]["harassment"]) == ("review", 0.7)


def test_models_are_listed_and_found(doors):
    listed = doors.get("/v1/models").json()
    assert listed["object"] == "list"
    for model in listed["data"]:
        assert doors.get(f"/v1/models/{model['id']}").json() == model


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/models/gpt-9"), ("POST", "/v1/moderations")])
def test_an_unknown_model_is_not_found(doors, method, path):
    response = doors.send(method, path, json={"input": "score 0.1", "model": "gpt-9"})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")


def test_a_failing_detector_means_503_and_a_later_try(make_doors):
    hanging = HangingDetector()
    doors = make_doors(hanging)
    response = doors.post("/v1/moderations", {"input": ["hang", "fine"]})
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["error"]["code"] == "decision_degraded"
    hanging.release.set()


def test_a_failing_detector_is_passed_over_when_the_policy_fails_open(make_doors):
    hanging = HangingDetector()
    doors = make_doors(hanging, on_failure=Action.ALLOW)
    (result,) = doors.post("/v1/moderations", {"input": "hang"}).json()["results"]
    assert not result["flagged"]
    assert result["category_applied_input_types"]["harassment"] == []
    hanging.release.set()


@pytest.mark.parametrize("path", ["/v1/moderations/x", "/v1/models/a/b", "/v1/modelsx"])
def test_an_unknown_path_below_is_said_in_this_dialect(doors, path):
    response = doors.get(path)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_url")
