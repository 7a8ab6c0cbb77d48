import pytest

from evenhand.core.taxonomy import Label
from fakes.detectors import HangingDetector, ScriptedDetector


def detector():
    made = ScriptedDetector(lambda text: [made.signal(float(text.split()[-1]))])
    return made


@pytest.fixture
def doors(make_doors):
    return make_doors(detector())


def test_one_text_gives_one_decision(doors):
    answer = doors.post("/v1/screen", {"text": "score 0.7", "id": "c"}).json()
    assert (answer["content_id"], answer["action"], answer["scores"]["harassment"]) == ("c", "review", 0.7)


def test_many_texts_give_decisions_in_order(doors):
    answer = doors.post("/v1/screen", {"items": [{"text": "score 0.1"}, {"text": "score 0.95"}]}).json()
    assert [decision["action"] for decision in answer["decisions"]] == ["allow", "block"]


def test_one_bad_item_means_that_nothing_is_decided(doors):
    response = doors.post("/v1/screen", {"items": [{"text": "score 0.1"}, {"text": " "}]})
    assert (response.status_code, response.json()["error"]["field"]) == (400, "items[1].text")
    assert "decision.made" not in {row.act for row in doors.store.audit.list()}


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"text": "a", "items": [{"text": "a"}]}, "field.unknown", "text"),
        ({"items": []}, "field.invalid", "items"),
        ({"items": None}, "field.invalid", "items"),
        ({"id": "c"}, "field.missing", "text"),
        ({"text": None}, "field.invalid", "text"),
        ({"text": "a", "store_content": "no"}, "field.invalid", "store_content"),
    ],
)
def test_a_request_of_the_wrong_form_is_refused(doors, body, code, field):
    response = doors.post("/v1/screen", body)
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["field"]) == (400, code, field)


def test_a_decision_can_be_read_by_who_asked_for_it_and_by_reviewers(doors):
    decided = doors.post("/v1/screen", {"text": "score 0.7"}).json()
    path = f"/v1/decisions/{decided['id']}"
    assert doors.get(path).json() == decided
    assert doors.get(path, key=doors.key("review")).json() == decided
    assert doors.get(path, key=doors.key("admin")).json() == decided


def test_the_decision_of_another_key_looks_like_none(doors):
    decided = doors.post("/v1/screen", {"text": "score 0.7"}, key=doors.key("screen", "review")).json()
    hidden = doors.get(f"/v1/decisions/{decided['id']}")
    absent = doors.get("/v1/decisions/dec_" + "0" * 32)
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json() == absent.json()


@pytest.mark.parametrize(
    "path", ["/v1/decisions/x", "/v1/decisions/%00", "/v1/decisions/dec_0", "/v1/decisions/dec_%F0"]
)
def test_what_is_no_decision_id_is_not_found(doors, path):
    response = doors.get(path, key=doors.key("review"))
    assert (response.status_code, response.json()["error"]["code"]) == (404, "decision.not_found")


def test_only_what_tells_about_this_server_needs_a_key(doors):
    for path in ("/v1/taxonomy", "/healthz", "/readyz", "/metrics", "/openapi.json"):
        assert doors.get(path, key="none").status_code == 200
    for path in ("/v1/detectors", "/v1/decisions/x", "/v1/models", "/v1/models/x"):
        response = doors.get(path, key="none")
        assert response.status_code == 401
    assert doors.get("/v1/detectors", key="none").headers["www-authenticate"] == "Bearer"


def test_the_detectors_are_listed(doors):
    (entry,) = doors.get("/v1/detectors", key=doors.key("review")).json()["detectors"]
    assert entry["labels"] == ["harassment", "profanity"]


def test_the_taxonomy_has_every_label_and_who_covers_it(doors):
    entries = {entry["label"]: entry for entry in doors.get("/v1/taxonomy").json()["labels"]}
    assert set(entries) == set(Label)
    assert entries["harassment"]["detectors"] == ["text.scripted"]
    assert entries["violence"]["detectors"] == []


def test_health_and_metrics_answer(doors):
    assert doors.get("/healthz").json() == {"status": "alive"}
    page = doors.get("/metrics")
    assert page.text == "page"
    assert page.headers["content-type"].startswith("text/plain")


def test_a_server_is_ready_while_a_detector_is_free(make_doors):
    hanging = HangingDetector()
    doors = make_doors(hanging, detector())
    assert doors.get("/readyz").json() == {"status": "ready", "reasons": []}
    doors.post("/v1/screen", {"text": "hang 0.1"})
    assert doors.engine.busy == {"text.hanging"}
    assert doors.get("/readyz").status_code == 200
    hanging.release.set()


def test_a_server_is_not_ready_while_all_detectors_are_busy(make_doors):
    hanging = HangingDetector()
    doors = make_doors(hanging)
    answer = doors.post("/v1/screen", {"text": "hang"}).json()
    assert (answer["degraded"], answer["action"], answer["scores"]) == (True, "review", {})
    assert answer["failures"][0]["code"] == "detector.timeout"
    response = doors.get("/readyz")
    assert (response.status_code, response.json()["reasons"]) == (503, ["detectors.busy"])
    hanging.release.set()


def test_a_server_without_its_database_is_not_ready(doors, tmp_path):
    doors.store.close()
    file = tmp_path / "evenhand.sqlite"
    file.unlink()
    file.mkdir()
    response = doors.get("/readyz", key="none")
    assert (response.status_code, response.json()["reasons"]) == (503, ["store.unavailable"])


def test_metadata_is_taken_and_what_asks_for_people_is_refused(doors):
    assert (
        doors.post("/v1/screen", {"text": "score 0.1", "metadata": {"board": "market", "new": True}}).status_code == 200
    )
    body = {"items": [{"text": "score 0.1"}, {"text": "score 0.1", "metadata": {"religion": "x"}}]}
    response = doors.post("/v1/screen", body)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "metadata.personal"
    assert response.json()["error"]["field"] == "items[1].metadata.religion"


@pytest.mark.parametrize(
    "metadata",
    [{"a": [1]}, {"a": {"b": 1}}, {"a": None}, [], "x", {"a": 2**70}],
    ids=["list", "map", "null", "no map", "text", "large"],
)
def test_metadata_that_is_not_flat_is_refused(doors, metadata):
    response = doors.post("/v1/screen", {"text": "score 0.1", "metadata": metadata})
    assert response.status_code == 400
    assert response.json()["error"]["code"] in {"field.invalid", "metadata.invalid"}
