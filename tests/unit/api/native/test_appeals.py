import msgspec
import pytest

from evenhand.api.native import appeal_operations as operations
from evenhand.api.native.router import refuse
from evenhand.core.decision import Action
from fakes.detectors import ScriptedDetector
from samples import NOON, keep, record

WHY = "I quoted it to report it."
ALL = [describe(refuse) for describe in (operations.open_appeal, operations.show_appeal, operations.write_message)]


@pytest.fixture
def doors(make_doors):
    return make_doors(ScriptedDetector())


@pytest.fixture
def decision_id(doors):
    return kept(doors)


def kept(doors, action=Action.BLOCK, scope="screen"):
    key_id = doors.key(scope).split("_")[1]
    (decision_id,) = keep(doors.store, record(action=action, key_id=key_id))
    return decision_id


def open_one(doors, decision_id, text=WHY, **options):
    return doors.post(f"/v1/decisions/{decision_id}/appeals", {"text": text}, **options)


def code_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_every_example_is_of_its_type(operation):
    for examples, types in ((operation.answer_examples, operation.answer), (operation.body_examples, operation.body)):
        for example in examples.values():
            msgspec.json.decode(msgspec.json.encode(example), type=types[0])


def test_an_appeal_is_opened_and_asked_for(doors, decision_id):
    opened = open_one(doors, decision_id)
    assert opened.status_code == 201
    body = opened.json()
    token = body.pop("token")
    assert opened.headers["location"] == f"/v1/appeals/{body['id']}"
    assert (body["decision_id"], body["status"], body["outcome"], body["closed_at"]) == (decision_id, "open", "", None)
    ((sender, text),) = [(message["sender"], message["text"]) for message in body["messages"]]
    assert (sender, text) == ("author", WHY)
    for key in (doors.key("screen"), doors.key("review"), token):
        assert doors.get(f"/v1/appeals/{body['id']}", key=key).json() == body


def test_the_author_writes_with_the_token_and_is_answered(doors, decision_id):
    opened = open_one(doors, decision_id).json()
    path = f"/v1/appeals/{opened['id']}/messages"
    doors.store.appeals.answer(opened["id"], "Which line?", NOON, reviewer_id=7)
    by_token = doors.post(path, {"text": "The third."}, key=opened["token"])
    by_key = doors.post(path, {"text": "They mean the fourth."})
    assert (by_token.status_code, by_key.status_code) == (201, 201)
    said = sorted((message["sender"], message["text"]) for message in by_key.json()["messages"])
    assert said == [
        ("author", WHY),
        ("author", "The third."),
        ("author", "They mean the fourth."),
        ("reviewer", "Which line?"),
    ]
    assert "reviewer_id" not in by_key.text
    actors = [row.actor for row in doors.store.audit.list() if row.act == "appeal.written"]
    assert actors == ["reviewer:7", "author", doors.key("screen").split("_")[1]]


def test_a_token_opens_its_own_appeal_alone(doors, decision_id):
    first, second = open_one(doors, decision_id).json(), open_one(doors, kept(doors)).json()
    for path in (f"/v1/appeals/{second['id']}", "/v1/appeals/app_" + "0" * 32, "/v1/appeals/nonsense"):
        assert code_of(doors.get(path, key=first["token"])) == (404, "appeal.not_found")
    assert code_of(doors.post(f"/v1/appeals/{second['id']}/messages", {"text": "x"}, key=first["token"]))[0] == 404
    assert code_of(doors.get(f"/v1/appeals/{first['id']}", key="eha_")) == (404, "appeal.not_found")
    for path in (f"/v1/decisions/{decision_id}", "/v1/detectors"):
        assert code_of(doors.get(path, key=first["token"])) == (401, "key.invalid")
    assert code_of(open_one(doors, decision_id, key=first["token"])) == (401, "key.invalid")


def test_other_keys_see_nothing_and_reviewing_ones_everything(doors, decision_id):
    other = doors.store.keys.create(name="other", scopes=frozenset({"screen"}), requests_per_minute=100)[1]
    opened = open_one(doors, decision_id).json()
    path = f"/v1/appeals/{opened['id']}"
    assert code_of(doors.get(path, key=other)) == (404, "appeal.not_found")
    assert code_of(doors.post(f"{path}/messages", {"text": "x"}, key=other)) == (404, "appeal.not_found")
    assert code_of(doors.get(path, key="none")) == (401, "key.missing")
    assert code_of(open_one(doors, kept(doors), key=other)) == (404, "decision.not_found")
    assert open_one(doors, kept(doors), key=doors.key("review")).status_code == 201


@pytest.mark.parametrize("unknown", ["dec_" + "0" * 32, "nonsense", "dec_%00"])
def test_there_is_no_appeal_against_what_is_not_there(doors, unknown):
    assert code_of(open_one(doors, unknown)) == (404, "decision.not_found")


@pytest.mark.parametrize("unknown", ["app_" + "0" * 32, "nonsense"])
def test_an_unknown_appeal_is_not_there(doors, unknown):
    assert code_of(doors.get(f"/v1/appeals/{unknown}")) == (404, "appeal.not_found")


def test_what_goes_against_what_stands_is_said(doors, decision_id):
    open_one(doors, decision_id)
    assert code_of(open_one(doors, decision_id)) == (409, "appeal.exists")
    assert code_of(open_one(doors, kept(doors, Action.ALLOW))) == (409, "appeal.nothing_stands")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 400, "text.empty"),
        ({"text": " \n"}, 400, "text.empty"),
        ({"text": "a" * 5_001}, 413, "text.too_long"),
        ({}, 400, "field.missing"),
        ({"text": 1}, 400, "field.invalid"),
        ({"text": "a", "sender": "reviewer"}, 400, "field.unknown"),
        ([], 400, "field.invalid"),
    ],
    ids=["nothing", "blank", "long", "missing", "number", "unknown", "list"],
)
def test_words_that_nobody_can_answer_are_refused(doors, body, status, code):
    decision_id = kept(doors)
    assert code_of(doors.post(f"/v1/decisions/{decision_id}/appeals", body)) == (status, code)
    appeal_id = open_one(doors, decision_id).json()["id"]
    assert code_of(doors.post(f"/v1/appeals/{appeal_id}/messages", body)) == (status, code)
    assert len(doors.store.appeals.get(appeal_id).messages) == 1


def test_the_routes_are_in_the_document(doors):
    paths = doors.get("/openapi.json").json()["paths"]
    assert {"/v1/decisions/{id}/appeals", "/v1/appeals/{id}", "/v1/appeals/{id}/messages"} <= set(paths)
    assert "409" in paths["/v1/decisions/{id}/appeals"]["post"]["responses"]
